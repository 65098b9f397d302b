/** What a caller of the library sends on to a resize in a person's name, checked before anything is sent. */
import * as v from 'valibot';
import { sentenceFor, text, withoutNulls } from '../resize/wire-json';
import { ResizeError } from './resize-error';

const by = text(200);
const reason = v.exactOptional(v.pipe(v.string(), v.trim(), v.maxLength(2000)));
const id = v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(100)));

const voteSchema = v.strictObject({ by, reason, run: id, voteId: id });
const wordSchema = v.strictObject({ by, reason });

/** @throws ResizeError InvalidDecision: which field, and why */
export const checkVote = (input: unknown) => checked(voteSchema, input);

/** @throws ResizeError InvalidDecision: which field, and why */
export const checkOperatorWord = (input: unknown) => checked(wordSchema, input);

function checked<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, withoutNulls(input));
  if (parsed.success) return parsed.output;
  throw new ResizeError('InvalidDecision', `${sentenceFor(parsed.issues[0], 'input')}; nothing was sent`);
}
