import { RE2JS, RE2JSSyntaxException } from 're2js';

/** The longest regular expression: compiled, it takes memory and time by its length. */
export const LONGEST_PATTERN = 500;

/** What is wrong with a regular expression; undefined for one that can be used. */
export function syntaxFaultOf(expression: string): string | undefined {
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return error.message;
    throw error;
  }
}

/** Is the expression found anywhere in the text? The engine's time is linear in the text, whoever wrote the expression. */
export const isFoundIn = (text: string, expression: string): boolean => RE2JS.compile(expression).matcher(text).find();
