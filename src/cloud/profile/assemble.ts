import { checkProfile } from './check-profile';
import { combined, isSettings, layerOf, Origin, type Layer, type Settings } from './layers';
import type { Profile } from './profile';
import { vendorNamed } from './vendors';

/** What a profile is read with. */
export interface Surroundings {
  /** Files named in the profile are relative to this folder. */
  cwd: string;
  /** Unknown keys are someone else's: an environment holds OS_* variables of other programs. */
  lenient: boolean;
  /** The clouds-public.yaml: the vendors in it, by name. */
  vendors: () => { file: string; vendors: Settings } | undefined;
}

/**
 * Puts a profile together as openstacksdk does (`get_one`): below what is written the vendor's defaults, above it the
 * values of the region that is used.
 * @param own where the profile is written, the highest last
 * @throws ProfileError
 */
export function assemble(name: string, own: readonly [Layer, ...Layer[]], surroundings: Surroundings): Profile {
  const vendor = vendorOf(combined(own), surroundings);
  const below = [...(vendor.layer === undefined ? [] : [vendor.layer]), ...own];
  const [main] = own;
  const region = regionOf(combined(own), vendor.layer?.settings ?? {}, new Origin(name, below, main));
  const layers = [...below, ...(region.values === undefined ? [] : [region.values(main.file)])];
  return checkProfile(
    { ...combined(layers), ...(region.name !== undefined && { region_name: region.name }) },
    new Origin(name, layers, main),
    { ...surroundings, warnings: [...vendor.warnings, ...region.warnings], unknownVendor: vendor.unknown },
  );
}

/** The defaults that `profile:` names (or `cloud:`, its older name). */
function vendorOf(own: Settings, surroundings: Surroundings): { layer?: Layer; warnings: string[]; unknown: boolean } {
  const wanted = own['profile'] ?? own['cloud'];
  if (typeof wanted !== 'string' || wanted === '') return { warnings: [], unknown: false };
  const listed = surroundings.vendors();
  const found = listed?.vendors[wanted];
  if (listed !== undefined && isSettings(found)) {
    return { layer: layerOf(found, listed.file), warnings: [], unknown: false };
  }
  const known = vendorNamed(wanted);
  if (known !== undefined) {
    return { layer: layerOf(known, 'the list of known vendors'), warnings: [], unknown: false };
  }
  return {
    warnings: [
      'The vendor that profile names is neither known nor in a clouds-public.yaml: only the keys of this profile are used.',
    ],
    unknown: true,
  };
}

interface Region {
  name?: string;
  values?: (file: string) => Layer;
  warnings: string[];
}

/** The first of `regions`, else `region_name`, else the vendor's. */
function regionOf(own: Settings, vendor: Settings, origin: Origin): Region {
  const named = own['region_name'];
  const regions = listOf(own['regions'], origin);
  const [first] = regions;
  if (first !== undefined) {
    const region = entryOf(first, origin);
    if (named !== undefined && named !== region.name) {
      throw origin.error(
        ['region_name'],
        'is not the first of regions, which is the one that openstacksdk uses: leave out one of the two keys',
      );
    }
    return region;
  }
  if (typeof named === 'string' && named.includes(',')) {
    return {
      name: named.split(',')[0]?.trim() ?? '',
      warnings: ['region_name holds several regions: the first one is used, as openstacksdk does.'],
    };
  }
  if (named !== undefined) return { warnings: [] };
  const [vendors] = listOf(vendor['regions'], origin);
  return vendors === undefined ? { warnings: [] } : entryOf(vendors, origin);
}

function listOf(regions: unknown, origin: Origin): unknown[] {
  if (regions === undefined) return [];
  if (!Array.isArray(regions)) throw origin.error(['regions'], 'must be a list');
  return regions.filter((one) => one !== null);
}

/** An entry is a name, or `{ name, values }`. */
function entryOf(entry: unknown, origin: Origin): Region {
  if (typeof entry === 'string') return { name: entry, warnings: [] };
  const [name, values] = isSettings(entry) ? [entry['name'], entry['values'] ?? {}] : [];
  const others = isSettings(entry) ? Object.keys(entry).filter((key) => key !== 'name' && key !== 'values') : [];
  if (typeof name !== 'string' || !isSettings(values) || others.length > 0) {
    throw origin.error(
      ['regions'],
      'must list names, in quotes where they are numbers, or mappings of name and values',
    );
  }
  const keyOf = (path: readonly string[]) => ['regions', 'values', ...path].join('.');
  return { name, values: (file) => layerOf(values, file, keyOf), warnings: [] };
}
