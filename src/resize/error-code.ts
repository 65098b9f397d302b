/** The code of an error of Node, such as `ENOENT`: it says what went wrong without quoting a path or a value. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
