import * as v from 'valibot';

import type { Trouble } from '../../resize/failure';
import { present } from '../../resize/present';
import type { Catalog, Token } from '../auth/keystone';
import type { Profile } from '../profile/profile';
import { read } from '../http/reply';
import type { Transport } from '../http/transport';

/** Where the compute API is and what it speaks. */
export interface Endpoint {
  /** With the project id where the catalog has it, without a slash at the end. */
  url: string;
  region?: string;
  /** The newest minor version of 2.x; undefined where the cloud has no microversions, or does not show them. */
  maximum?: number;
  /**
   * Epoch ms: when the version is asked for again. Set where it was not shown, because what hid it may pass (a 404 page
   * of a load balancer).
   */
  askAgainAt?: number;
}

/** A cloud that shows no version is used without microversions for so long, ms. */
const WITHOUT_VERSION = 60_000;

/** Should the version be asked for again? */
export const isDue = ({ askAgainAt }: Endpoint) => askAgainAt !== undefined && Date.now() >= askAgainAt;

/** The same endpoint, where asking again gave nothing: it is used on, and asked again later. */
export const postponed = (endpoint: Endpoint): Endpoint => ({ ...endpoint, askAgainAt: Date.now() + WITHOUT_VERSION });

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

const Version = v.object({ id: v.string(), version: v.fallback(v.optional(v.string(), ''), '') });
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
  const version = await newestVersion(transport, token, root, versioned);
  const endpoint = present({ url: versioned ? url : `${root}/v2.1${project}`, region, maximum: version?.minor });
  return version === undefined ? postponed(endpoint) : endpoint;
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
 * The newest microversion by the version document at the endpoint, else by the list of all versions above it.
 * @returns `{}` where the version is shown and has no microversions; undefined where no version is shown
 * @throws CloudFailure where asking again may tell: a lost answer, a refused token, a limit of requests, a fault that passes
 */
async function newestVersion(
  transport: Transport,
  token: Token,
  root: string,
  versioned: boolean,
): Promise<{ minor?: number } | undefined> {
  const cut = root.lastIndexOf('/');
  const id = versioned ? root.slice(cut + 1) : 'v2.1';
  for (const place of versioned ? [root, root.slice(0, cut)] : [root]) {
    const documents = await versionsAt(transport, token, place);
    const document = documents?.find((one) => one.id === id);
    const minor = /^2\.(\d+)$/.exec(document?.version ?? '')?.[1];
    if (document !== undefined) return minor === undefined ? {} : { minor: Number(minor) };
  }
  transport.log('warn', 'The cloud shows no version of its compute API; it is used without microversions for now.');
  return undefined;
}

/** Troubles that leave open whether there is a version document. */
const NO_VERDICT: readonly Trouble['kind'][] = ['not-authenticated', 'rate-limited', 'no-answer'];

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
    const { kind } = result.trouble;
    const passing = kind === 'server-error' && reply.status !== 501;
    if (passing || NO_VERDICT.includes(kind)) throw transport.failure(result.trouble, false);
    // Closed, not there, or a page of what stands before it (a live cloud answers 200 with HTML).
    return undefined;
  }
  return 'version' in result.value ? [result.value.version] : result.value.versions;
}
