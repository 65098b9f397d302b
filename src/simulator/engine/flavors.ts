import { ApiFault } from '../api/api-fault';

/** A flavor: `ram` in MiB, `disk` and `ephemeral` in GiB. */
export interface Flavor {
  id: string;
  name: string;
  vcpus: number;
  ram: number;
  disk: number;
  ephemeral: number;
  public: boolean;
  disabled: boolean;
  /**
   * Extra specs. Those that begin with `lab:` steer the simulator: `lab:step` (milliseconds, instead of
   * `timings.step`), `lab:delay:<driver call>` (seconds), `lab:fail` (a driver call), `lab:no_valid_host` ("true").
   */
  extraSpecs: Record<string, string>;
  /** Nova's internal number, shown by os-migrations. */
  number: number;
}

/** What a flavor is made of; the rest has Nova's defaults. */
export type NewFlavor = Pick<Flavor, 'name' | 'vcpus' | 'ram' | 'disk'> & Partial<Flavor>;

/** What the simulated cloud starts with: f1 to f3 as on the real Nova of the tests, huge fits nowhere, the rest for the eye. */
export const firstFlavors: readonly NewFlavor[] = [
  { id: 'f1', name: 'f1', vcpus: 1, ram: 512, disk: 1 },
  { id: 'f2', name: 'f2', vcpus: 2, ram: 1024, disk: 1 },
  { id: 'f3', name: 'f3', vcpus: 4, ram: 2048, disk: 1 },
  { id: 'huge', name: 'huge', vcpus: 900_000, ram: 512, disk: 1 },
  { id: '1', name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1 },
  { id: '2', name: 'm1.small', vcpus: 1, ram: 2048, disk: 20 },
  { id: '3', name: 'm1.medium', vcpus: 2, ram: 4096, disk: 40 },
  { id: '4', name: 'm1.large', vcpus: 4, ram: 8192, disk: 80 },
  { id: '5', name: 'm1.xlarge', vcpus: 8, ram: 16_384, disk: 160 },
];

/** The flavors of a cloud. */
export class Flavors {
  private readonly known: Flavor[] = [];

  constructor(flavors: readonly NewFlavor[]) {
    for (const flavor of flavors) this.add(flavor);
  }

  /** Adds one; 409 where the name or the id is taken, in Nova's words. */
  add(flavor: NewFlavor): Flavor {
    const id = flavor.id ?? crypto.randomUUID();
    if (this.known.some((other) => other.name === flavor.name)) {
      throw new ApiFault(409, `Flavor with name ${flavor.name} already exists.`);
    }
    if (this.known.some((other) => other.id === id)) throw new ApiFault(409, `Flavor with ID ${id} already exists.`);
    const added: Flavor = {
      ephemeral: 0,
      public: true,
      disabled: false,
      extraSpecs: {},
      ...flavor,
      id,
      number: this.known.length + 1,
    };
    this.known.push(added);
    return added;
  }

  all(): readonly Flavor[] {
    return this.known;
  }

  find(id: string): Flavor | undefined {
    return this.known.find((flavor) => flavor.id === id);
  }
}

/** A flavor as `GET /flavors/{id}` shows it at this microversion. */
export function flavorView(flavor: Flavor, links: unknown, minor: number): Record<string, unknown> {
  return {
    id: flavor.id,
    name: flavor.name,
    ram: flavor.ram,
    disk: flavor.disk,
    swap: minor >= 75 ? 0 : '',
    'OS-FLV-EXT-DATA:ephemeral': flavor.ephemeral,
    'OS-FLV-DISABLED:disabled': flavor.disabled,
    vcpus: flavor.vcpus,
    'os-flavor-access:is_public': flavor.public,
    rxtx_factor: 1,
    links,
    ...(minor >= 55 && { description: null }),
    ...(minor >= 61 && { extra_specs: flavor.extraSpecs }),
  };
}

/** A flavor as a server shows it from 2.47 on: the id is gone, `original_name` is what tells it. */
export function embeddedFlavor(flavor: Flavor): Record<string, unknown> {
  return {
    vcpus: flavor.vcpus,
    ram: flavor.ram,
    disk: flavor.disk,
    ephemeral: flavor.ephemeral,
    swap: 0,
    original_name: flavor.name,
    extra_specs: flavor.extraSpecs,
  };
}
