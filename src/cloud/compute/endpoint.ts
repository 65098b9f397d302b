import * as v from 'valibot';

import type { Catalog, Token } from '../auth/keystone';
import type { Profile } from '../profile/profile';
import { read } from '../http/reply';
import type { Transport } from '../http/transport';

/** Where the compute API is and what it speaks. */
export interface Endpoint {
  /** With the project id where the catalog has it, without a slash at the end. */
  url: string;
  region?: string;
  /** The newest minor version of 2.x; undefined where the cloud has no microversions. */
  maximum?: number;
}

/** The server is read at most at this one: `flavor.id` is gone from 2.47 on (compute API, microversion history). */
export const READ_SERVER = 46;
/** Actions are read and sent at most at this one: events for members since 2.51, paging of actions since 2.58. */
export const ACT = 58;
/** OpenStack-API-Version is understood since 2.27; below it the older header is needed as well. */
const NEW_HEADER_SINCE = 27;

/** The headers that ask for min(the cloud's maximum, `wanted`): none where the cloud has no microversions. */
export function versionHeaders(endpoint: Endpoint, wanted: number): Record<string, string> {
  if (endpoint.maximum === undefined) return {};
  const minor = Math.min(endpoint.maximum, wanted);
  return {
    'OpenStack-API-Version': `compute 2.${minor}`,
    ...(minor < NEW_HEADER_SINCE ? { 'X-OpenStack-Nova-API-Version': `2.${minor}` } : {}),
  };
}

const Version = v.object({ id: v.string(), status: v.optional(v.string()), version: v.optional(v.string(), '') });
const VersionDocument = v.union([v.object({ version: Version }), v.object({ versions: v.array(Version) })]);

/**
 * Finds the compute endpoint in the token's catalog (or takes the profile's) and asks it for its newest microversion.
 * @throws CloudFailure never `sent`
 */
export async function findEndpoint(transport: Transport, profile: Profile, token: Token): Promise<Endpoint> {
  const found = profile.computeEndpoint === undefined ? inCatalog(transport, profile, token.catalog) : undefined;
  const url = (found?.url ?? profile.computeEndpoint ?? '')
    .replace(/[%$]\((project_id|tenant_id)\)s?/g, token.project)
    .replace(/\/+$/, '');
  const region = found?.region ?? profile.region;
  const project = [`/${token.project}`, `/AUTH_${token.project}`].find((end) => url.endsWith(end)) ?? '';
  const root = url.slice(0, url.length - project.length);
  const versioned = /\/v2(\.\d+)?$/.test(root);
  const maximum = await newestVersion(transport, token, root, versioned);
  return {
    url: versioned ? url : `${root}/v2.1${project}`,
    ...(region === undefined ? {} : { region }),
    ...(maximum === undefined ? {} : { maximum }),
  };
}

function inCatalog(transport: Transport, profile: Profile, catalog: Catalog): { url: string; region?: string } {
  const all = catalog
    .filter(({ type }) => type === 'compute')
    .flatMap(({ endpoints }) => endpoints)
    .map(({ url, region_id, region, ...rest }) => ({
      url,
      region: region_id ?? region ?? '',
      interface: rest.interface.replace(/URL$/, ''),
    }));
  const usable = all.filter(
    (one) => one.interface === profile.interface && (profile.region === undefined || one.region === profile.region),
  );
  const regions = [...new Set(usable.map(({ region }) => region))];
  const [first] = usable;
  if (first !== undefined && regions.length === 1) {
    return first.region === '' ? { url: first.url } : { url: first.url, region: first.region };
  }
  const offered = [...new Set(all.map((one) => `${one.interface} in region ${one.region || '(none)'}`))].join(', ');
  throw transport.failure(
    {
      kind: 'configuration',
      tried: `find the compute API of cloud ${profile.name}`,
      message:
        first === undefined
          ? `Cloud ${profile.name} has no compute endpoint "${profile.interface}"${profile.region === undefined ? '' : ` in region ${profile.region}`}; it has ${offered === '' ? 'none at all' : offered}.`
          : `Cloud ${profile.name} has compute endpoints in several regions: ${regions.join(', ')}.`,
      advice:
        first === undefined
          ? 'Check region_name and interface of this profile.'
          : 'Name one of them as region_name in this profile.',
    },
    false,
  );
}

/**
 * The newest microversion by the version document at the endpoint, else by the list of all versions above it. Both may
 * be closed or absent (4xx): then the cloud is used without microversions.
 */
async function newestVersion(
  transport: Transport,
  token: Token,
  root: string,
  versioned: boolean,
): Promise<number | undefined> {
  const cut = root.lastIndexOf('/');
  const id = versioned ? root.slice(cut + 1) : 'v2.1';
  for (const place of versioned ? [root, root.slice(0, cut)] : [root]) {
    const documents = await versionsAt(transport, token, place);
    const document = documents?.find((one) => one.id === id);
    const minor = /^2\.(\d+)$/.exec(document?.version ?? '')?.[1];
    if (document !== undefined) return minor === undefined ? undefined : Number(minor);
  }
  transport.log('warn', 'The cloud shows no version of its compute API; it is used without microversions.');
  return undefined;
}

async function versionsAt(
  transport: Transport,
  token: Token,
  place: string,
): Promise<v.InferOutput<typeof Version>[] | undefined> {
  const reply = await transport.send({
    tried: 'read the version of the compute API',
    method: 'GET',
    url: `${place}/`,
    headers: token.authorize({ method: 'GET', url: `${place}/`, headers: {}, body: '' }),
  });
  // 300 Multiple Choices is how older services show their versions; it is no redirect.
  const result = read({ ...reply, status: reply.status === 300 ? 200 : reply.status }, VersionDocument);
  if ('trouble' in result) {
    const closed = reply.status >= 400 && reply.status < 500;
    const otherwise = ['rate-limited', 'not-authenticated'].includes(result.trouble.kind);
    if (closed && !otherwise) return undefined;
    throw transport.failure(result.trouble, false);
  }
  return 'version' in result.value ? [result.value.version] : result.value.versions;
}
