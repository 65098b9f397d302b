/** The compute API of Nova-compatible clouds: profiles, authentication, requests, errors. HTTP stays inside. */
export { CloudFailure } from './http/cloud-failure';
export type { Cloud, CloudSettings, ServerAction, ServerListed, ServersChanged } from './cloud';
export { openCloud } from './compute/nova-cloud';
export type { Profile } from './profile/profile';
export { ProfileError } from './profile/profile-error';
export { loadProfiles, type Profiles } from './profile/profiles';
export type { Log } from './http/transport';
export { isSettled } from './compute/compute-reader';
export { KnownSecrets } from './auth/known-secrets';
export { Secret } from './auth/secret';
