/** The compute API of Nova-compatible clouds: profiles, authentication, requests, errors. Nothing of HTTP leaves here. */
export { CloudFailure } from './cloud-failure';
export type { Cloud, CloudSettings, ServerAction } from './cloud';
export { openCloud } from './nova-cloud';
export type { Profile } from './profile';
export { ProfileError } from './profile-error';
export { loadProfiles, type Profiles } from './profiles';
export type { Log } from './transport';
