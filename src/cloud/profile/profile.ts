import type { Secret } from '../auth/secret';
import type { Tls } from '../http/transport';

/** A name or an id, as Keystone takes it: `{ "id": ... }` or `{ "name": ... }`. */
export type Named = { id: string } | { name: string };

/** A user or project, with the domain its name lives in (an id needs none). */
export type InDomain = { id: string } | { name: string; domain: Named };

/** How a profile logs in: by one of three methods of Keystone's v3 API, or with Huawei's access keys. */
export type Login =
  | { method: 'password'; user: InDomain; password: Secret; project: InDomain }
  | { method: 'application_credential'; id: string; secret: Secret; project?: InDomain }
  | { method: 'application_credential'; name: string; user: InDomain; secret: Secret; project?: InDomain }
  | { method: 'token'; token: Secret; project?: InDomain }
  | { method: 'aksk'; accessKey: Secret; secretKey: Secret; securityToken?: Secret; project: string };

/** One cloud of a clouds.yaml, checked. Its secrets print as `[hidden]`. */
export interface Profile {
  readonly name: string;
  /** The file it comes from, or `environment`. */
  readonly source: string;
  /** Absent with access keys, which log in nowhere. */
  readonly authUrl?: string;
  readonly login: Login;
  readonly region?: string;
  readonly interface: 'public' | 'internal' | 'admin';
  /** The type of the compute service in the catalog, where it is not `compute`. */
  readonly serviceType?: string;
  /** The name of the compute service in the catalog, where one of several is meant. */
  readonly serviceName?: string;
  /** The compute endpoint to use whatever the catalog says; may hold `%(project_id)s`. */
  readonly computeEndpoint?: string;
  readonly tls: Tls;
  /** The most requests a second, from all workers together. */
  readonly requestsPerSecond?: number;
  /** Milliseconds after which the cloud confirms a resize by itself. */
  readonly autoConfirmWindow?: number;
  /** The policy that each resize is under. */
  readonly policy?: string;
  /** Secrets that are written in the profile and not used for its log-in. */
  readonly otherSecrets?: readonly Secret[];
  /** What is not as it was probably meant, or will not work for ever: one sentence each. */
  readonly warnings: readonly string[];
}
