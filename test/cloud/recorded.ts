import type { Answer } from './fake-cloud';

/** Bodies as a real Nova 26 gave them, shortened to what matters. */

export const SERVER = 'd002c32d-c163-4af0-a686-54a20ae3b16c';
export const REQUEST_ID = 'req-6b47714d-a560-40b5-a73a-dea54ecfed5f';

/** GET /servers/{id} at 2.46, in VERIFY_RESIZE. */
export const SERVER_BODY = {
  id: SERVER,
  name: 'ks1',
  status: 'VERIFY_RESIZE',
  tenant_id: 'ff7da4b1fce74df593e7cf9622ce722e',
  user_id: '69a1c95ecff746abac4ea0d263685188',
  metadata: {},
  image: { id: '155d900f-4e14-4e4c-a73d-069cbf4541e6', links: [] },
  flavor: { id: 'f2', links: [{ rel: 'bookmark', href: 'http://127.0.0.1:18774/flavors/f2' }] },
  created: '2026-11-21T20:59:52Z',
  updated: '2026-11-21T21:00:02Z',
  progress: 0,
  locked: false,
  'OS-EXT-STS:task_state': null as string | null,
  'OS-EXT-STS:vm_state': 'resized',
  'OS-EXT-STS:power_state': 1,
  'os-extended-volumes:volumes_attached': [],
};

export function serverAnswer(more: Record<string, unknown> = {}): Answer {
  return { status: 200, body: { server: { ...SERVER_BODY, ...more } } };
}

export const FLAVOR_BODY = {
  id: 'f2',
  name: 'm1.large',
  ram: 1024,
  disk: 1,
  swap: '',
  'OS-FLV-EXT-DATA:ephemeral': 0,
  'OS-FLV-DISABLED:disabled': false,
  vcpus: 2,
  'os-flavor-access:is_public': true,
  rxtx_factor: 1.0,
  links: [],
};

/** 202 to a resize: no body, and the id that its action will have. */
export const ACCEPTED: Answer = {
  status: 202,
  headers: { 'X-Openstack-Request-Id': REQUEST_ID, 'X-Compute-Request-Id': REQUEST_ID },
  body: '',
};

export const UNAUTHORIZED: Answer = {
  status: 401,
  headers: { 'WWW-Authenticate': 'Keystone uri="http://127.0.0.1:15000"' },
  body: {
    error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
  },
};

export const GONE: Answer = {
  status: 404,
  body: { itemNotFound: { code: 404, message: `Instance ${SERVER} could not be found.` } },
};

/** What Apache itself answers to a path with an encoded slash in it (AllowEncodedSlashes is off by default). */
export const APACHE_404: Answer = {
  status: 404,
  headers: { 'Content-Type': 'text/html; charset=iso-8859-1' },
  body: '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN"><html><head><title>404 Not Found</title></head></html>',
};

interface EventBody {
  event: string;
  start_time: string;
  finish_time: string | null;
  result: string | null;
}

/** An event of an action at a second of 20:48. */
export function event(name: string, from: number, to?: number, result = 'Success'): EventBody {
  const at = (second: number) => `2026-11-21T20:48:${String(second).padStart(2, '0')}.123456`;
  return {
    event: name,
    start_time: at(from),
    finish_time: to === undefined ? null : at(to),
    result: to === undefined ? null : result,
  };
}

export function action(name: string, requestId: string, message: string | null = null): Record<string, unknown> {
  return {
    action: name,
    instance_uuid: SERVER,
    request_id: requestId,
    user_id: '69a1c95ecff746abac4ea0d263685188',
    project_id: 'ff7da4b1fce74df593e7cf9622ce722e',
    start_time: '2026-11-21T20:48:24.955865',
    message,
    updated_at: '2026-11-21T20:48:27.741416',
  };
}
