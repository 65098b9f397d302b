/** A profile or its file cannot be used. The message is one sentence: what, where, and what to do. It holds no value. */
export class ProfileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProfileError';
  }
}
