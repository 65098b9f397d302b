/** What is said when a person has to look: what is seen, what it means, what to do. */
import type { Trouble, TroubleKind } from './failure';
import type { Advice } from './outcome';
import type { OperatorReason } from './situation';

/** Why a run waits for an operator; more reasons than an observation alone can give. */
export type OperatorIssue =
  | OperatorReason
  /** Longer than the request allows. */
  | 'stuck'
  /** A POST was refused after our resize was accepted. */
  | 'rejected'
  /** Two POSTs, two lost answers. */
  | 'lost-twice'
  /** No worker takes up the work for the cloud. */
  | 'no-worker';

/** What the sentence is made of. */
export interface IssueFacts {
  server: string;
  cloud: string;
  /** "the server shows ERROR (error, no task) with flavor f1" */
  sees: string;
  /** What was being done: resize, confirm, revert, or waiting for a decision. */
  doing: string;
  fault?: string;
  trouble?: Trouble;
  /** For the question to the cloud's administrator. */
  requestId?: string;
  /** Since when nothing of the server could be observed; ISO 8601. */
  unreachableSince?: string;
}

const KEEPS_CHECKING = 'The run keeps checking and continues by itself once the server is repaired.';
const NO_RESET = 'Do not reset the state of a server in VERIFY_RESIZE: the old server would be lost for good';
/**
 * Nova, "os-resetState": it changes the database alone. So it is safe only where nothing is under way any more
 * (measured: a reset in VERIFY_RESIZE leaves a migration that nobody can confirm or revert).
 */
const WHEN_TO_RESET =
  'Set the state only if the server still shows ERROR and its migration has ended (openstack server migration list), never in VERIFY_RESIZE';

/** The commands that take away what the cloud refused a request for, by the kind of the refusal. */
const REMEDIES: Readonly<Partial<Record<TroubleKind, (server: string) => { you?: string; administrator?: string }>>> = {
  locked: (server) => ({
    you: `openstack server unlock ${server}`,
    administrator: `openstack server unlock ${server}`,
  }),
  // Measured: a confirm is answered with 409 for as long as the source host is down. The server itself names the other
  // one, where it runs now; before a resize both are the same.
  'host-unavailable': (server) => ({
    administrator: `openstack compute service list --service nova-compute; start the service on the source host, which openstack server migration list --server ${server} names (before a resize: openstack server show ${server}). ${NO_RESET}`,
  }),
  quota: () => ({
    you: 'openstack quota show --usage',
    administrator: 'openstack quota set --cores N --ram N PROJECT',
  }),
  'not-authenticated': () => ({
    you: 'fix the profile in the clouds.yaml of the worker, then restart the worker',
  }),
  forbidden: (server) => ({ administrator: `openstack role assignment list --names; openstack server show ${server}` }),
};

const command = (text: string | undefined) => (text === undefined ? '' : ` Try: ${text}.`);

/** One sentence for people, and what each of them can do. */
export function explain(concern: OperatorIssue, facts: IssueFacts): { message: string; advice: Advice } {
  const { server, sees, doing, requestId } = facts;
  const quote = requestId === undefined ? `server ${server}` : `server ${server}, request ${requestId}`;
  const events = `openstack server event list ${server}`;
  const remedy = REMEDIES[facts.trouble?.kind ?? 'conflict']?.(server) ?? {};
  switch (concern) {
    case 'error':
      return {
        message: `needs an operator: the ${doing} ended in ERROR${facts.fault === undefined ? '' : ` (${facts.fault})`}; ${sees}`,
        advice: {
          you: `Do not resize or rebuild it. Ask your cloud's administrator. ${KEEPS_CHECKING} To give up: abandon.`,
          administrator: `Find the cause (${quote}) and repair the server. ${WHEN_TO_RESET}: openstack server set --state active ${server}; openstack server reboot --hard ${server}`,
        },
      };
    case 'two-resizes':
      return {
        message: `needs an operator: the answer to our resize was lost and the log shows more than one new resize, so nobody can say which is ours; ${sees}`,
        advice: {
          you: `Compare with others who work on this server (${events}), confirm or revert it by hand, then: abandon.`,
          administrator: `Tell who sent the newest resize of ${quote}.`,
        },
      };
    case 'lost-answer':
      return {
        message: `needs an operator: the answer to our ${doing} was lost, and what the cloud shows does not tell what became of it; ${sees}`,
        advice: {
          you: `Find out whether it was carried out (${events}). Then: retry observes the server again, abandon gives up.`,
          administrator: `Tell whether the ${doing} of ${quote} was carried out; if its action log is closed to members, allow os_compute_api:os-instance-actions to be read.`,
        },
      };
    case 'other-request-id':
      return {
        message: `needs an operator: the cloud accepted our ${doing} and its action log shows one by our user, but under another request id, so it cannot be proven to be ours (a gateway may write ids of its own); ${sees}`,
        advice: {
          you: `Compare with others who work on this server (${events}). If it is ours, confirm or revert it by hand, then: abandon.`,
          administrator: `Tell whether the newest action of ${quote} came from the request of this run, and let the gateway pass X-Compute-Request-Id on.`,
        },
      };
    case 'lost-twice':
      return {
        message: `needs an operator: the ${doing} was sent twice and both answers were lost; nothing of it is seen yet; ${sees}`,
        advice: {
          you: `Check the network to the cloud's API. Then: retry observes the server again and, if still nothing of it is seen, asks once more.`,
          administrator: `Look for the request in the API's log (${quote}).`,
        },
      };
    case 'no-worker':
      return {
        message: `needs an operator: no worker has taken up work for cloud ${facts.cloud} ${facts.unreachableSince === undefined ? 'for a while' : `since ${facts.unreachableSince}`} (none runs, or they are busy), so the ${doing} waits; ${sees}`,
        advice: {
          you: `Start a worker that has the profile ${facts.cloud}. The run continues by itself then. To give up: abandon.`,
          administrator: `Nothing is known to be wrong with the cloud (${quote}).`,
        },
      };
    case 'stranger-failed':
      return {
        message: `needs an operator: somebody else tried to end this resize and failed; ${sees}`,
        advice: { you: `See ${events}. ${KEEPS_CHECKING}`, administrator: `Find out why it failed (${quote}).` },
      };
    case 'our-action-failed':
      return {
        message: `needs an operator: the cloud accepted our ${doing} and reports it as failed; ${sees}`,
        advice: {
          you: `See ${events}. ${KEEPS_CHECKING} ${NO_RESET}.`,
          administrator: `Find out why it failed (${quote}).`,
        },
      };
    case 'not-ours':
      return {
        message: `needs an operator: ${sees}, which is not what our resize leads to`,
        advice: {
          you: `See who did what: ${events}. ${KEEPS_CHECKING}`,
          administrator: `Explain the state of ${quote}.`,
        },
      };
    case 'unclear':
      return {
        message: `needs an operator: no rule covers what is seen: ${sees}`,
        advice: { you: `See ${events}. ${KEEPS_CHECKING}`, administrator: `Explain the state of ${quote}.` },
      };
    case 'stuck':
      return {
        message: `needs an operator: the ${doing} takes longer than allowed; ${sees}`,
        advice: {
          you: `Ask your cloud's administrator. ${KEEPS_CHECKING}`,
          administrator: `Look whether its compute hosts are up (openstack compute service list --service nova-compute) and what its migration does (openstack server migration list --server ${server}); ${quote}. ${NO_RESET}.`,
        },
      };
    case 'rejected':
      return {
        message: `needs an operator: the cloud refused our ${doing}: ${facts.trouble?.message ?? 'no reason given'}; ${sees}`,
        advice: {
          you: `${facts.trouble?.advice ?? 'Remove what stands in the way.'}${command(remedy.you)} The run asks again, ever more slowly; retry asks at once.`,
          administrator: `Find out why the ${doing} is refused (${quote}).${command(remedy.administrator)}`,
        },
      };
  }
}
