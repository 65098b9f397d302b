import * as v from 'valibot';
import type { Try } from '../resize/check-verdict';
import { VERDICTS, type Check } from '../resize/checks';
import { filledUrl } from '../resize/placeholders';
import { present } from '../resize/present';
import { withoutNulls } from '../resize/wire-json';
import type { Probe } from './probe';

const LARGEST = 16 * 1024;

const answerSchema = v.object({
  verdict: v.picklist(VERDICTS),
  reason: v.exactOptional(v.string()),
  figure: v.exactOptional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
});

/** Sends the status to a service, which answers with a verdict of its own. */
export const probeWebhook: Probe<NonNullable<Check['webhook']>> = async (options, asked, { http, headers }) => {
  const { target, timeout, signal, status } = asked;
  // A dry run has no status: it is no resize.
  const json = status ?? { server: { id: target.id, name: target.name } };
  const url = new URL(filledUrl(options.url, target));
  const answer = await http.send({ url, method: 'POST', json, follow: false, largest: LARGEST, timeout, signal });
  if ('verdict' in answer) return { ...answer, verdict: 'inconclusive' };
  if (answer.status < 200 || answer.status > 299) return noVerdict(`it answered with status ${answer.status}`);
  if (answer.cut) return noVerdict(`its answer is longer than ${LARGEST / 1024} KiB`);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.transform(withoutNulls), answerSchema), answer.body);
  if (!parsed.success)
    return noVerdict('its answer is not { verdict: pass|fail|inconclusive, reason?, figure? } in JSON');
  const { verdict, reason, figure } = parsed.output;
  const clean = (text: string | undefined) => (text === undefined ? undefined : headers.redact(text));
  return present({ verdict, reason: clean(reason), figure: clean(figure) });
};

const noVerdict = (reason: string): Try => ({ verdict: 'inconclusive', reason });
