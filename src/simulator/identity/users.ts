/** Who may log in to the simulated cloud. The ids are fixed, so that a clouds.yaml stays valid from start to start. */

export const domain = { id: 'default', name: 'Default' };
export const region = 'RegionOne';
/** The password of every user. */
export const password = 'secret';

export interface Project {
  id: string;
  name: string;
}

export interface User {
  id: string;
  name: string;
  /** Ids of projects, and the roles there. */
  roles: Record<string, readonly string[]>;
}

export const lab: Project = { id: '1ab0f70656e737461636b00000000001', name: 'lab' };
const elsewhere: Project = { id: 'e15e0f70656e737461636b0000000002', name: 'elsewhere' };
export const projects: readonly Project[] = [lab, elsewhere];

const member = ['member', 'reader'] as const;
const administrator = [...member, 'admin'] as const;

/** demo and other are members of the project lab, stranger is a member of another one, admin is one everywhere. */
export const users = {
  demo: { id: 'de300000000000000000000000000001', name: 'demo', roles: { [lab.id]: member } },
  other: { id: '07be7000000000000000000000000002', name: 'other', roles: { [lab.id]: member } },
  stranger: { id: '57a99e70000000000000000000000003', name: 'stranger', roles: { [elsewhere.id]: member } },
  admin: {
    id: 'ad319000000000000000000000000004',
    name: 'admin',
    roles: { [lab.id]: administrator, [elsewhere.id]: administrator },
  },
} as const satisfies Record<string, User>;
export const everybody: readonly User[] = Object.values(users);

export interface ApplicationCredential {
  id: string;
  name: string;
  secret: string;
  userId: string;
  projectId: string;
}

/** demo's access keys, as Huawei Cloud has them beside tokens. */
export const demoKeys = { accessKey: 'DEMOACCESSKEY0000001', secretKey: 'demo-secret-key-for-signatures-only' };

/** An application credential of demo's that exists from the start. */
export const demoCredential: ApplicationCredential = {
  id: 'c4ede7214100000000000000000000d1',
  name: 'resizer',
  secret: 'demo-application-credential-secret',
  userId: users.demo.id,
  projectId: lab.id,
};
