import { Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { startSimulator, type Simulator, type SimulatorOptions } from '.';

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('Not a number.');
  return value;
}

interface Arguments {
  port: number;
  host: string;
  tokenTtl: number;
  step: number;
  confirmWindow?: number;
  quotaCores?: number;
  maxMicroversion?: string;
  servers: number;
  dialect: 'nova' | 'huawei';
  stoppedOnly?: boolean;
}

function program(): Command {
  return new Command('simulator')
    .description('A Nova- and Keystone-compatible cloud in one process, to try resizes on.')
    .option('--port <number>', 'where to listen; 0 takes a free port', number, 8774)
    .option('--host <name>', 'where to listen, and the name in its catalog', '127.0.0.1')
    .option('--token-ttl <seconds>', 'how long a token lives', number, 3600)
    .option('--step <ms>', 'how long one step takes; a resize is about four of them', number, 350)
    .option('--confirm-window <seconds>', 'the cloud confirms by itself after this time (default: never)', number)
    .option('--quota-cores <number>', 'VCPUs that the project may use (default: without a limit)', number)
    .option('--max-microversion <2.x>', 'play an older cloud (default: 2.93)')
    .addOption(new Option('--dialect <name>', 'how it answers').choices(['nova', 'huawei']).default('nova'))
    .option('--stopped-only', 'with --dialect huawei: resize stopped servers only')
    .option('--servers <number>', 'servers to start with: web-01, web-02, ...', number, 3)
    .addHelpText('after', '\nExample: npm run -s simulator -- --port 8774 > clouds.yaml');
}

/** Profiles of one cloud: a user with a password, the same user's application credential, and where known access keys. */
function cloudsYaml(simulator: Simulator, dialect: Arguments['dialect']): string {
  const { authUrl, region, applicationCredential, accessKeys, computeUrl, projectId } = simulator;
  return stringify({
    clouds: {
      lab: {
        auth: {
          auth_url: authUrl,
          username: 'demo',
          password: simulator.password,
          project_name: simulator.projectName,
          user_domain_id: 'default',
          project_domain_id: 'default',
        },
        region_name: region,
      },
      'lab-app': {
        auth_type: 'v3applicationcredential',
        auth: {
          auth_url: authUrl,
          application_credential_id: applicationCredential.id,
          application_credential_secret: applicationCredential.secret,
        },
        region_name: region,
      },
      ...(dialect === 'huawei' && {
        'lab-aksk': {
          auth: { access_key: accessKeys.accessKey, secret_key: accessKeys.secretKey, project_id: projectId },
          compute_endpoint_override: `${computeUrl}/${projectId}`,
          region_name: region,
        },
      }),
    },
  });
}

function optionsOf(given: Arguments): SimulatorOptions {
  const { confirmWindow, quotaCores, maxMicroversion } = given;
  return {
    port: given.port,
    hostname: given.host,
    tokenTtl: given.tokenTtl,
    timings: { step: given.step },
    dialect: given.dialect,
    ...(given.stoppedOnly && { stoppedOnly: true }),
    ...(confirmWindow !== undefined && { confirmWindow }),
    ...(quotaCores !== undefined && { quotaCores }),
    ...(maxMicroversion !== undefined && { maxMicroversion }),
  };
}

/** Thousands of names are no line to read. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return '(none)';
  return names.length <= 10 ? names.join(', ') : `${names[0] ?? ''} to ${names.at(-1) ?? ''}`;
}

/** Where the command writes to. */
export interface Outputs {
  /** The clouds.yaml, and nothing else. */
  stdout: (text: string) => void;
  /** All that is meant for people. */
  stderr: (text: string) => void;
}

/**
 * `npm run simulator`: starts the simulated cloud with these options and prints how to use it. It serves until it is
 * closed.
 */
export async function simulate(args: readonly string[], { stdout, stderr }: Outputs): Promise<Simulator> {
  const given = program().parse(args, { from: 'user' }).opts<Arguments>();
  const simulator = await startSimulator(optionsOf(given));
  const names = Array.from({ length: given.servers }, (_, i) => `web-${String(i + 1).padStart(2, '0')}`);
  await Promise.all(names.map((name) => simulator.boot(name, 'm1.small')));

  stdout(cloudsYaml(simulator, given.dialect));
  stderr(
    [
      `A simulated cloud serves at ${simulator.url} until Ctrl-C. Its clouds.yaml is on stdout: put it into a file and`,
      `name that in OS_CLIENT_CONFIG_FILE; the profiles are lab${given.dialect === 'huawei' ? ', lab-app and lab-aksk' : ' and lab-app'}.`,
      `Users demo, other (members of project lab) and admin, password ${simulator.password}.`,
      `Servers ${listed(names)}, with flavor m1.small. Try m1.large; "huge" finds no host.`,
      `Delays and failures: curl -X PUT ${simulator.url}/_lab -d '{"fail": {"finish_migration": ["web-01"]}}'`,
      '',
    ].join('\n'),
  );
  return simulator;
}
