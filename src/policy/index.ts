/** The rules of an organisation, as a worker reads them: files, and the moments of their freezes. */
export { freezesBetween } from './freeze-spans';
export { isPolicy, Policies } from './policies';
export type { PolicyFile } from './policy-file';
