/**
 * A flavor given by its URI. The documents of Nova and of Huawei's ECS take "ID or URI" as flavorRef; Nova 26 takes no
 * URI (measured), so the id is read out of it here.
 */
import type { Refusal } from '../../resize/precondition';

/** Where the flavors of this profile are. */
export interface FlavorPlace {
  /** The address of the compute API, with its version. */
  url: string;
  project: string;
}

const FORM = 'Name the flavor by its id, by its name, or as https://HOST/v2.1/PROJECT/flavors/ID.';

/**
 * The id in the URI of a flavor.
 * @param reference an absolute URI, or its path: `/v2.1/flavors/ID`
 * @returns undefined when it is no URI: then it is an id or a name
 */
export function flavorIdIn(reference: string, place: FlavorPlace): { id: string } | Refusal | undefined {
  const absolute = /^[a-z][a-z\d+.-]*:\/\//i.test(reference);
  if (!absolute && !/^\/([^?#]+\/)?flavors\/./.test(reference)) return undefined;
  const here = new URL(place.url);
  // A path that begins with "//" would name a host.
  const text = absolute ? reference : `${here.origin}/${reference.replace(/^\/+/, '')}`;
  if (!URL.canParse(text)) return refuse('the flavor is given as a URI that cannot be read', FORM);
  const uri = new URL(text);
  return checkHost(uri, here) ?? checkRest(uri) ?? idInPath(uri, here, place.project);
}

function checkHost(uri: URL, here: URL): Refusal | undefined {
  if (!/^https?:$/.test(uri.protocol)) return refuse(`flavor ${shown(uri)} is no http or https URI`, FORM);
  // Nova behind a proxy that ends TLS writes http into its links.
  if (uri.hostname === here.hostname && uri.port === here.port) return undefined;
  return refuse(
    `flavor ${shown(uri)} is on host ${uri.host}, but the compute API of this cloud is on ${here.host}`,
    'Choose the cloud that the flavor belongs to, or name a flavor of this one by its id or name.',
  );
}

function checkRest(uri: URL): Refusal | undefined {
  // What stands before the host may be a password: it is not shown.
  if (uri.username !== '' || uri.password !== '')
    return refuse(`flavor ${shown(uri)} has credentials in its URI`, FORM);
  if (uri.search !== '' || uri.hash !== '') {
    return refuse(`flavor ${shown(uri)} has a query or a fragment behind it`, 'Leave out what follows the id.');
  }
  return undefined;
}

/** `[/version][/project]/flavors/ID[/]`; Nova's links of rel "bookmark" have no version. */
const PATH = /^(?:\/v(\d+)(?:\.\d+)?)?(?:\/([^/]+))?\/flavors\/([^/]+)\/?$/;

function idInPath(uri: URL, here: URL, project: string): { id: string } | Refusal {
  const prefix = here.pathname.replace(/\/v2(\.\d+)?(\/.*)?$/, '');
  const path = uri.pathname.startsWith(`${prefix}/`) ? uri.pathname.slice(prefix.length) : uri.pathname;
  const [, version = '2', owner = project, id = 'detail'] = PATH.exec(path) ?? [];
  // GET /flavors/detail is the list.
  if (id === 'detail') return refuse(`${shown(uri)} is not the URI of a flavor`, FORM);
  if (version !== '2') return refuse(`flavor ${shown(uri)} is not of version 2 of the API`, FORM);
  if (owner !== project && owner !== `AUTH_${project}`) {
    return refuse(
      `flavor ${shown(uri)} is of project ${owner}, but this cloud profile is of project ${project}`,
      'Choose the profile of that project, or name a flavor of this one by its id or name.',
    );
  }
  try {
    return { id: decodeURIComponent(id) };
  } catch {
    return refuse(`flavor ${shown(uri)} has an id that is not encoded as a URI`, FORM);
  }
}

/** Without what may be a secret: credentials and query. */
const shown = (uri: URL) => `${uri.protocol}//${uri.host}${uri.pathname}`;

function refuse(message: string, you: string): Refusal {
  return { message, advice: { you } };
}
