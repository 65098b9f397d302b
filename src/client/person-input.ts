/** What a caller of the library sends on to a resize in a person's name, checked before anything is sent. */
import * as v from 'valibot';
import { OPERATOR_WORD_FIELDS, VOTE_FIELDS } from '../resize/decision';
import { EXTENSION_FIELDS } from '../resize/extension';
import { sentenceFor, withoutNulls } from '../resize/wire-json';
import { ResizeError } from './resize-error';

const voteSchema = v.strictObject(VOTE_FIELDS);
const extensionSchema = v.strictObject(EXTENSION_FIELDS);
const wordSchema = v.strictObject(OPERATOR_WORD_FIELDS);

/** @throws ResizeError InvalidDecision: which field, and why */
export const checkVote = (input: unknown) => checked(voteSchema, input);

/** @throws ResizeError InvalidDecision: which field, and why */
export const checkOperatorWord = (input: unknown) => checked(wordSchema, input);

/** @throws ResizeError InvalidDecision: which field, and why */
export const checkExtension = (input: unknown) => checked(extensionSchema, input);

function checked<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, withoutNulls(input));
  if (parsed.success) return parsed.output;
  throw new ResizeError('InvalidDecision', `${sentenceFor(parsed.issues[0], 'input')}; nothing was sent`);
}
