/** Thrown for an input that cannot be meant: one sentence says what, where and what to do. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';

  /** @param path where in the input, key by key; absent where it is about the whole */
  constructor(
    message: string,
    readonly path?: readonly (string | number)[],
  ) {
    super(message);
  }
}
