/** The simulated cloud from outside: what it counted, and what a benchmark does to its servers. */

/** How many requests came in, by server (`-`: none) and kind. */
export type Counters = Record<string, Record<string, number>>;
/** When things happened, ms since the epoch: by server, `POST resize` or a vm_state. */
export type Moments = Record<string, Record<string, number>>;

/** Requests that came in: lists of servers, log-ins, and all others. */
export interface Calls {
  lists: number;
  logins: number;
  others: number;
}

export class Lab {
  private token: string | undefined;

  /** @param url where the simulator is */
  constructor(private readonly url: string) {}

  async counters(): Promise<Counters> {
    return ((await (await fetch(`${this.url}/_lab`)).json()) as { counters: Counters }).counters;
  }

  /** @param server of this one only: a thousand are 100 kB */
  async moments(server?: string): Promise<Moments> {
    const only = server === undefined ? '' : `?server=${server}`;
    return (await (await fetch(`${this.url}/_lab/moments${only}`)).json()) as Moments;
  }

  async forget(): Promise<void> {
    await fetch(`${this.url}/_lab`, { method: 'DELETE' });
  }

  /** Each of these servers takes so many seconds longer to be resized. */
  async delay(seconds: Readonly<Record<string, number>>): Promise<void> {
    const body = JSON.stringify({ delay: { finish_migration: seconds } });
    const answer = await fetch(`${this.url}/_lab`, { method: 'PUT', body });
    if (!answer.ok) throw new Error(`the simulator refused a delay: ${await answer.text()}`);
  }

  /** The ids of all servers. */
  async servers(): Promise<string[]> {
    const found: string[] = [];
    for (;;) {
      const marker = found.length > 0 ? `&marker=${found.at(-1) ?? ''}` : '';
      const answer = await this.compute('GET', `/servers?limit=1000${marker}`);
      const { servers } = (await answer.json()) as { servers: { id: string }[] };
      if (servers.length === 0) return found;
      found.push(...servers.map(({ id }) => id));
    }
  }

  /** Somebody else confirms a resize, behind the back of its run. */
  async confirmAsStranger(server: string): Promise<void> {
    const answer = await this.compute('POST', `/servers/${server}/action`, { confirmResize: null });
    if (answer.status !== 204) throw new Error(`the confirm of a stranger was refused: ${answer.status}`);
  }

  private async compute(method: string, path: string, body?: object): Promise<Response> {
    this.token ??= await this.login();
    const headers = { 'X-Auth-Token': this.token, 'Content-Type': 'application/json' };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return fetch(`${this.url}/compute/v2.1${path}`, init);
  }

  private async login(): Promise<string> {
    const user = { name: 'other', password: 'secret', domain: { id: 'default' } };
    const scope = { project: { name: 'lab', domain: { id: 'default' } } };
    const auth = { identity: { methods: ['password'], password: { user } }, scope };
    const answer = await fetch(`${this.url}/identity/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth }),
    });
    const token = answer.headers.get('X-Subject-Token');
    if (token === null) throw new Error(`the simulator refused a log-in: ${answer.status}`);
    return token;
  }
}

/** What came in for these servers, or for all, and for none in particular. */
export function callsIn(counters: Counters): Calls {
  const calls: Calls = { lists: 0, logins: 0, others: 0 };
  for (const [server, counts] of Object.entries(counters)) {
    for (const [kind, count] of Object.entries(counts)) {
      if (server === '-' && kind === 'GET servers') calls.lists += count;
      else if (kind === 'POST tokens') calls.logins += count;
      else calls.others += count;
    }
  }
  return calls;
}

/** What came in between two counts. */
export function callsBetween(before: Counters, after: Counters): Calls {
  const [from, to] = [callsIn(before), callsIn(after)];
  return { lists: to.lists - from.lists, logins: to.logins - from.logins, others: to.others - from.others };
}
