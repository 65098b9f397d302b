import type { Check } from '../resize/checks';
import { isFoundIn } from '../resize/pattern';
import { filledUrl } from '../resize/placeholders';
import { present } from '../resize/present';
import type { Probe } from './probe';

/** What is read of a body, bytes: a page of health is short, and the expression is searched for in all of it. */
const LARGEST = 64 * 1024;

/** One HTTP request. It passes with a status that was asked for, and the body where one was. */
export const probeHttp: Probe<NonNullable<Check['http']>> = async (options, { target, timeout, signal }, { http }) => {
  const { method, status: takes, body, headers } = options;
  const url = new URL(filledUrl(options.url, target));
  const request = { url, method, takes, follow: true, largest: LARGEST, timeout, signal, ...present({ headers }) };
  const answer = await http.send(request);
  if ('verdict' in answer) return answer;
  const figure = `${answer.status} in ${answer.took} ms`;
  if (!takes.includes(answer.status)) {
    return { verdict: 'fail', figure, reason: `status ${answer.status} instead of ${takes.join(', ')}` };
  }
  if (body !== undefined && !isFoundIn(answer.body, body)) {
    const where = answer.cut ? `the first ${LARGEST / 1024} KiB of the body` : 'the body';
    return { verdict: 'fail', figure, reason: `${where} does not match` };
  }
  return { verdict: 'pass', figure };
};
