/** Who decided what, and which decision counts. The same function judges signals, updates and cancels. */
export type Choice = 'approve' | 'reject';

/** The payload of the signals `approve` and `reject`. */
export interface Vote {
  /** Who says so; claimed by the sender, not proven. */
  by: string;
  reason?: string;
  /** A run id of this resize: an old message must not decide a new resize. */
  run?: string;
  /** The same vote sent on two ways is counted once. */
  voteId?: string;
}

/** The payload of the update `decide`. */
export interface DecideVote extends Vote {
  decision: Choice;
}

/** A decision as recorded, counted or not. */
export interface Decision {
  decision: Choice;
  by: string;
  reason?: string;
  /** ISO 8601 UTC, workflow time. */
  at: string;
  via: 'signal' | 'update' | 'cancel';
  counted: boolean;
  /** Why it does not count, or a remark ("after the deadline"). */
  why?: string;
  voteId?: string;
}

/** Why a vote does not count; also the type of the failure that an update is refused with. */
export type VoteRefusal = 'InvalidDecision' | 'WrongRun' | 'TooLate' | 'NotAnApprover' | 'RequesterMayNotApprove';

/** All that is known of the votes on one resize. Plain JSON: it is carried through continue-as-new. */
export interface Ledger {
  decisions: Decision[];
  /** How many old ones were dropped from `decisions`. */
  omitted: number;
  /** Vote ids that were counted. */
  seen: string[];
  /** The decision that closed the gate; nothing changes it. */
  terminal?: { decision: Choice; by: string; at: string; via: Decision['via'] | 'decision-timeout' };
}
