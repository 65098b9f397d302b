import type { TroubleKind } from '../../resize/failure';
import { present } from '../../resize/present';

/** What is read out of an error answer, whatever its shape. */
export interface Refusal {
  status: number;
  message: string;
  /** Provider code such as Ecs.0100, when the body has one. */
  code?: string;
  /** Name of Nova's fault, such as conflictingRequest. */
  fault?: string;
}

/** One kind of refusal: every condition given must hold. */
interface Row extends Judgement {
  status?: readonly number[];
  code?: RegExp;
  fault?: RegExp;
  message?: RegExp;
}

/** The meaning is in the first words; a page of megabytes is not searched. */
const LONGEST_JUDGED = 2_000;

const LOOK_FIRST = 'Look at the server and its actions before anything is sent again: the request may have been done.';
/** The same fault, where the request changes nothing. */
const ASK_AGAIN = 'Nothing was changed. If it goes on, look whether the cloud and what stands before it are up.';
const QUOTA = 'Free what the quota counts, or have the quota of this project raised.';
const CHECK_LOGIN =
  'Check the credentials of this profile on the worker; an application credential may have expired, been deleted, or have access rules that do not cover this call.';

/**
 * Nova's own quota ("Quota exceeded for cores: Requested ..."), that of unified limits in Keystone ("Project X is over
 * a limit for [Resource cores is over limit of ...]"), and their kin. Old Nova answers it with 413, new Nova with 403.
 * How often a cloud may be asked is another limit, whatever it is called.
 */
const OVER_QUOTA = new RegExp(
  String.raw`^(?!.*(\brate\b|rate-limit|throttl|\bflow\b|too many requests|(api|requests?) quota|quota (of|for) (api|requests?)|requests? per|per (second|minute|hour)|every (second|minute|hour)))` +
    String.raw`.*(\bquotas?\b.*\bexceeded|exceed\w*\b.*\bquotas?\b|over[ -]?quota|insufficient quota|over (a|the|its) (limit|quota) (for|of)\b|is over limit of|` +
    String.raw`(instances?|servers|cores|vcpus?|ram|memory|disk)\b.*\blimit (was |has been |is )?(exceeded|reached)|maximum number of (instances|servers|cores|vcpus))`,
  'is',
);

/**
 * First match wins. Provider codes come first: Huawei's documentation warns that its HTTP status may be inaccurate and
 * that the code decides (ECS API reference, "Error Codes"; for APIG and APIGW "API Request Signing Guide"). The messages are Nova's (compute API, "Run a resize/confirm/revert action", and measured
 * answers of Nova 26).
 */
const ROWS: readonly Row[] = [
  {
    code: /^(Common\.0024|Common\.1503|APIG\.0308|APIGW\.0308)$/,
    kind: 'rate-limited',
    advice: 'The cloud limits how often it may be asked; it is asked again after a pause.',
    retryAfter: 5_000,
  },
  {
    code: /^Ecs\.(0009|0810)$/,
    kind: 'same-flavor',
    advice: 'The server already has this flavor: nothing to do.',
  },
  {
    code: /^Ecs\.(0018|0319)$/,
    kind: 'no-capacity',
    advice: 'Choose another flavor or ask the cloud for capacity; the server is as it was.',
  },
  { code: /^Ecs\.0029$/, kind: 'flavor-not-found', advice: 'Choose a flavor that this project may use.' },
  {
    code: /^Ecs\.0019$/,
    kind: 'flavor-not-found',
    advice: 'The cloud offers this flavor no longer: choose another one.',
  },
  {
    code: /^Ecs\.0001$/,
    kind: 'quota',
    advice: QUOTA,
  },
  { code: /^Ecs\.0030$/, kind: 'forbidden', advice: 'The account is frozen: settle that with the cloud provider.' },
  {
    code: /^Ecs\.0003$/,
    kind: 'forbidden',
    advice:
      'The account is restricted, has no money left or lacks the permission: settle that with the cloud provider.',
  },
  {
    code: /^Ecs\.0100$/,
    kind: 'wrong-state',
    advice:
      'The state of the server does not allow this. If it runs, this cloud wants it stopped before a resize: stop it, or let that be done with --stop-first.',
  },
  {
    code: /^Ecs\.0603$/,
    kind: 'conflict',
    advice: 'Another command is running on this server; it is tried again when that has ended.',
    retryAfter: 60_000,
  },
  { code: /^Ecs\.0605$/, kind: 'locked', advice: 'Unlock the server (or have its administrator do so).' },
  // These name a failure of the work itself, so the work had begun.
  { code: /^Ecs\.(0207|0209|0403)$/, kind: 'server-error', advice: LOOK_FIRST },
  // "A system exception occurred", with HTTP 400: on the way to the Nova behind it, so it may have got there.
  { code: /^(Ecs\.(0002|1000)|Common\.(0001|0999))$/, kind: 'server-error', advice: LOOK_FIRST },
  {
    code: /^Ecs\.0614$/,
    kind: 'not-found',
    advice: 'It was deleted, or it belongs to another project or region: check the id and the profile.',
  },
  {
    code: /^Ecs\.(0802|080[4-9]|081[1-3])$/,
    kind: 'bad-request',
    advice: 'Image, family or driver of the server do not go with this flavor: choose another flavor.',
  },
  {
    code: /^Ecs\.0803$/,
    kind: 'bad-request',
    advice:
      'The server is on a dedicated host, which the compute API cannot name: resize it by the console of the cloud.',
  },
  { code: /^Pdp\.0001$/, kind: 'forbidden', advice: 'Give the user of this profile the right to resize servers.' },
  { code: /^Common\.0013$/, kind: 'not-authenticated', advice: CHECK_LOGIN },
  {
    code: /^APIGW?\.030[13]$/,
    kind: 'not-authenticated',
    advice:
      'Check access_key, secret_key or token of this profile, and the clock of the worker, which may be 15 minutes off at most. Five failures in a row lock an access key for five minutes.',
  },
  {
    code: /^Common\.0018$/,
    kind: 'configuration',
    advice: 'The token is for another project than the endpoint: check project and endpoint of this profile.',
  },
  {
    code: /^(Ecs\.0023|APIGW?\.0101)$/,
    kind: 'configuration',
    advice: 'The address is not one of this API, or of another project: check project and endpoint of this profile.',
  },

  { status: [400, 402, 403, 409, 413, 429], message: OVER_QUOTA, kind: 'quota', advice: QUOTA },
  {
    status: [400],
    message: /must change flavor|requires a (flavor change|change in size)/i,
    kind: 'same-flavor',
    advice: 'The server already has this flavor: nothing to do.',
  },
  {
    status: [400],
    message: /flavor .*could not be found/i,
    kind: 'flavor-not-found',
    advice: 'Choose a flavor that exists, is enabled and is open to this project.',
  },
  {
    status: [400],
    message: /has not been resized/i,
    kind: 'not-resized',
    advice:
      'No finished resize is waiting: look at the server and its actions, a confirm or revert may be running already.',
  },
  {
    status: [400],
    message: /no valid host/i,
    kind: 'no-capacity',
    advice: 'The cloud has no room for this flavor now: choose another one, or try later.',
  },
  {
    status: [400],
    message: /zero disk flavor|disk is too small|memory is too small/i,
    kind: 'bad-request',
    advice: 'Choose a flavor with at least the disk and memory that the server and its image need.',
  },
  { status: [400], kind: 'bad-request', advice: 'The cloud cannot do this: change the request as its message says.' },
  { status: [401], kind: 'not-authenticated', advice: CHECK_LOGIN },
  {
    status: [403],
    kind: 'forbidden',
    advice: 'Give the user of this profile a role that may do this, or have an administrator do it.',
  },
  {
    status: [404],
    message: /the resource could not be found/i,
    kind: 'configuration',
    advice: 'The address is not one of this API: check auth_url, region and endpoint override of this profile.',
  },
  {
    status: [404],
    fault: /^itemNotFound$/,
    kind: 'not-found',
    advice: 'It was deleted, or it belongs to another project or region: check the id and the profile.',
  },
  {
    status: [404],
    kind: 'configuration',
    advice: 'The address is not one of this API: check auth_url, region and endpoint override of this profile.',
  },
  {
    status: [405, 406],
    kind: 'configuration',
    advice: 'The endpoint does not offer this call or API version: check the endpoint of this profile.',
  },
  { status: [407], kind: 'configuration', advice: 'The proxy asks for credentials: check the proxy of the worker.' },
  {
    status: [409],
    message: /is locked/i,
    kind: 'locked',
    advice: 'Unlock the server; a lock by an administrator needs an administrator.',
  },
  {
    status: [409],
    message: /service is unavailable at this time/i,
    kind: 'host-unavailable',
    advice: 'A compute host is down: it is tried again, and the administrator of the cloud should look at it.',
  },
  {
    status: [409],
    kind: 'conflict',
    advice: 'The server is busy or in a state that does not allow this: look at it, then decide.',
  },
  {
    status: [413, 429],
    kind: 'rate-limited',
    advice: 'The cloud limits how often it may be asked; it is asked again after a pause.',
  },
  {
    // Nova 26 checks the quota of a revert to a larger flavor, first of all, and has no better answer (measured).
    status: [500],
    message: /nova\.exception\.TooManyInstances|oslo_limit\.exception\.ProjectOverLimit/,
    kind: 'quota',
    advice: QUOTA,
  },
  { status: [408, 500, 501, 502, 503, 504], kind: 'server-error', advice: LOOK_FIRST },
];

/** What a refusal means, and what to do about it. */
interface Judgement {
  kind: TroubleKind;
  advice: string;
  /** Milliseconds to wait where the cloud names none. */
  retryAfter?: number;
}

/**
 * What a refusal means. Unlisted: 5xx may have been carried out, any other 4xx cannot work.
 * @param request.changes false: a read or a log-in, after which nothing needs to be looked at
 */
export function judge(refusal: Refusal, request = { changes: true }): Judgement {
  const { kind, advice, retryAfter } = meaningOf(refusal);
  return present({ kind, advice: advice === LOOK_FIRST && !request.changes ? ASK_AGAIN : advice, retryAfter });
}

function meaningOf(refusal: Refusal): Judgement {
  const text = refusal.message.slice(0, LONGEST_JUDGED);
  const row = ROWS.find(
    ({ status, code, fault, message }) =>
      (status === undefined || status.includes(refusal.status)) &&
      (code === undefined || (refusal.code !== undefined && code.test(refusal.code))) &&
      (fault === undefined || (refusal.fault !== undefined && fault.test(refusal.fault))) &&
      (message === undefined || message.test(text)),
  );
  if (row !== undefined) return row;
  return refusal.status >= 500
    ? { kind: 'server-error', advice: LOOK_FIRST }
    : { kind: 'bad-request', advice: 'The cloud cannot do this: change the request as its message says.' };
}
