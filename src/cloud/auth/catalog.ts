import * as v from 'valibot';

import { present } from '../../resize/present';
import type { Profile } from '../profile/profile';

const MaybeText = v.fallback(v.nullish(v.string()), undefined);

const Endpoint = v.object({
  interface: v.string(),
  url: v.pipe(v.string(), v.nonEmpty()),
  region: MaybeText,
  region_id: MaybeText,
});

const Service = v.object({ type: v.string(), name: MaybeText, endpoints: v.array(v.unknown()) });

/** Services and their endpoints, as far as they can be used. */
export type Catalog = {
  type: string;
  endpoints: Pick<v.InferOutput<typeof Endpoint>, 'interface' | 'url' | 'region' | 'region_id'>[];
}[];

/** The region of an endpoint that serves every region, in the catalogs of some clouds. */
const EVERY_REGION = '*';

/**
 * The compute service of a token's catalog. Entries of other services, and those that lack what is needed, are left
 * out: what is not used need not be right. An empty region is none; an endpoint in region "*" is in the profile's,
 * after those that name it (keystoneauth would not find it).
 */
export function computeCatalog(
  written: unknown,
  { region, serviceType = 'compute', serviceName }: Pick<Profile, 'region' | 'serviceType' | 'serviceName'>,
): Catalog {
  const services = all(Service, written).filter(
    // As keystoneauth does: a service without a name may be the one that is meant.
    ({ type, name }) => type === serviceType && (serviceName === undefined || (name ?? serviceName) === serviceName),
  );
  const endpoints = services
    .flatMap((service) => all(Endpoint, service.endpoints))
    .map(({ url, ...one }) => ({ url, interface: one.interface, region: one.region_id || one.region || undefined }));
  const somewhere = endpoints.filter((one) => one.region !== EVERY_REGION);
  const everywhere = endpoints
    .filter((one) => one.region === EVERY_REGION)
    .filter((one) => region !== undefined || !somewhere.some((other) => other.interface === one.interface))
    .map((one) => ({ ...one, region }));
  return [{ type: 'compute', endpoints: [...somewhere, ...everywhere].map((one) => present(one)) }];
}

function all<Schema extends v.GenericSchema>(schema: Schema, written: unknown): v.InferOutput<Schema>[] {
  const items: unknown[] = Array.isArray(written) ? written : [];
  return items.flatMap((item) => {
    const result = v.safeParse(schema, item);
    return result.success ? [result.output] : [];
  });
}
