import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { ApiFault, unexpected } from './api-fault';
import type { Caller, SimulatedCloud } from '../engine/simulated-cloud';
import { describeRequest } from './control';
import { flavorRoutes } from './flavor-routes';
import { flowAnswer } from '../huawei/flow-control';
import { huaweiAnswers, stoppedFirst, type HuaweiOptions } from '../huawei/huawei-dialect';
import type { Grant, Tokens } from '../identity/identity';
import { negotiate, UnsupportedVersion, versionDocument } from './microversion';
import { serverRoutes } from './server-routes';
import { isSigned } from '../huawei/signature';
import { lab, users } from '../identity/users';

/** What a request carries through the routes. */
export interface ComputeEnv {
  Bindings: HttpBindings;
  Variables: {
    caller: Caller & { userId: string; projectId: string };
    /** Links to a resource of the caller's project. */
    links: (path: string, bookmarkOnly?: boolean) => { rel: string; href: string }[];
  };
}

export interface ComputeSettings {
  /** Where the compute API is reached, without `/v2.1`. */
  url: string;
  /** What 401 names. */
  identityUrl: string;
  /** Minor number of the newest microversion that this cloud speaks. */
  maximum: number;
  /** Most servers in one answer. */
  pageSize: number;
  /** Set for the dialect of Huawei; absent: Nova's. */
  huawei?: HuaweiOptions;
}

/** The compute API: versions, authentication and microversion in front, then servers, actions and flavors. */
export function computeApi(cloud: SimulatedCloud, tokens: Tokens, settings: ComputeSettings): Hono<ComputeEnv> {
  const api = new Hono<ComputeEnv>();
  const document = versionDocument(settings.url, settings.maximum);
  const current = (c: Context) => {
    cloud.control.count('-', 'GET version');
    return c.json({
      version: {
        ...document,
        'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }],
      },
    });
  };
  api.get('/', (c) => c.json({ versions: [document] }));
  api.get('/v2.1', current);
  api.get('/v2.1/', current);

  const routes = new Hono<ComputeEnv>();
  serverRoutes(routes, cloud, settings.pageSize);
  flavorRoutes(routes, cloud, settings.pageSize);
  api.use('/v2.1/*', injectedFaults(cloud));
  if (settings.huawei !== undefined) api.use('/v2.1/*', huaweiAnswers());
  api.use('/v2.1/*', authenticated(tokens, settings));
  if (settings.huawei?.stoppedOnly) api.use('/v2.1/*', stoppedFirst(cloud));
  api.route('/v2.1/:project{[0-9a-f]{32}}', routes);
  api.route('/v2.1', routes);
  api.notFound((c) => c.text('404 Not Found\n\nThe resource could not be found.\n\n   ', 404));
  api.onError((error, c) => {
    if (error instanceof ApiFault) return faultResponse(c, error);
    // Closing the simulator aborts what waits; there is no connection left to answer on.
    if (error.name !== 'AbortError') process.stderr.write(`simulator: ${error.stack ?? error.message}\n`);
    return faultResponse(c, unexpected(error.name));
  });
  return api;
}

/** The faults set in /_lab. They happen in front of Nova, as at a gateway. */
function injectedFaults(cloud: SimulatedCloud): MiddlewareHandler<ComputeEnv> {
  return async (c, next) => {
    const { method } = c.req;
    const body = method === 'POST' ? await c.req.text() : '';
    const found = cloud.control.arrived(...describeRequest(method, new URL(c.req.url), body));
    if (found === undefined) return next();
    const drop = (): Response => {
      c.env.incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    };
    const [fault, code] = found.fault.split(':');
    if (code !== undefined) {
      const message = 'A fault that was set in /_lab.';
      const { status, body: view } = flowAnswer(code) ?? {
        status: Number(code),
        body: { computeFault: { code: Number(code), message } },
      };
      return new Response(JSON.stringify(view), {
        status,
        headers: { 'Content-Type': 'application/json', ...found.headers },
      });
    }
    if (fault === 'drop-before') return drop();
    if (fault === 'hang-before') await sleep(found.seconds * 1000, undefined, { ref: false });
    await next();
    if (fault === 'drop-after') {
      c.res = undefined;
      c.res = drop();
    }
    if (fault === 'hang-after') await sleep(found.seconds * 1000, undefined, { ref: false });
    return undefined;
  };
}

/** Token, request id and microversion of every request. */
function authenticated(tokens: Tokens, settings: ComputeSettings): MiddlewareHandler<ComputeEnv> {
  return async (c, next) => {
    const requestId = `req-${randomUUID()}`;
    c.header('X-Openstack-Request-Id', requestId);
    c.header('X-Compute-Request-Id', requestId);
    const signer = settings.huawei === undefined ? undefined : await signerOf(c);
    const grant = signer ?? tokens.find(c.req.header('X-Auth-Token'));
    if (grant === undefined) {
      c.header('WWW-Authenticate', `Keystone uri="${settings.identityUrl}"`);
      const message = 'The request you have made requires authentication.';
      return c.json({ error: { code: 401, title: 'Unauthorized', message } }, 401);
    }
    let minor: number;
    try {
      minor = negotiate(
        c.req.header('OpenStack-API-Version'),
        c.req.header('X-OpenStack-Nova-API-Version'),
        settings.maximum,
      );
    } catch (error) {
      if (error instanceof UnsupportedVersion) versionHeaders(c, error.asked);
      throw error;
    }
    versionHeaders(c, `2.${minor}`);
    const inPath = /\/v2\.1\/([0-9a-f]{32})(\/|$)/.exec(new URL(c.req.url).pathname)?.[1];
    if (inPath !== undefined && inPath !== grant.project.id) {
      const differ = `URL's project_id '${inPath}' doesn't match Context's project_id '${grant.project.id}'`;
      throw new ApiFault(400, `Malformed request URL: ${differ}`);
    }
    const project = inPath === undefined ? '' : `${inPath}/`;
    c.set('caller', {
      userId: grant.user.id,
      projectId: grant.project.id,
      admin: grant.roles.includes('admin'),
      requestId,
      minor,
    });
    c.set('links', (path, bookmarkOnly = false) => [
      ...(bookmarkOnly ? [] : [{ rel: 'self', href: `${settings.url}/v2.1/${project}${path}` }]),
      { rel: 'bookmark', href: `${settings.url}/${project}${path}` },
    ]);
    await next();
    return undefined;
  };
}

/** demo, if the request is signed with demo's access keys. */
async function signerOf(c: Context<ComputeEnv>): Promise<Pick<Grant, 'user' | 'project' | 'roles'> | undefined> {
  const { pathname, search } = new URL(c.req.url);
  const request = { method: c.req.method, path: pathname, query: search.slice(1), body: await c.req.text() };
  if (!isSigned(request, (name) => c.req.header(name))) return undefined;
  return { user: users.demo, project: lab, roles: users.demo.roles[lab.id] ?? [] };
}

function versionHeaders(c: Context<ComputeEnv>, version: string): void {
  c.header('OpenStack-API-Version', `compute ${version}`);
  c.header('X-OpenStack-Nova-API-Version', version);
  c.header('Vary', 'OpenStack-API-Version', { append: true });
  c.header('Vary', 'X-OpenStack-Nova-API-Version', { append: true });
}

function faultResponse(c: Context<ComputeEnv>, fault: ApiFault): Response {
  return c.body(JSON.stringify(fault.body()), fault.code as 400, { 'Content-Type': 'application/json; charset=UTF-8' });
}
