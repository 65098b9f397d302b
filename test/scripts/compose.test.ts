import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { startSimulator } from '../../src/simulator';
import { root, start } from './processes';

// There may be no container engine where these run, so the files are checked by what they say. That the steps of the
// Dockerfile work is for scripts/check-dockerfile.mjs to find out.

const text = (name: string) => readFileSync(path.join(root, name), 'utf8');

const condition = v.picklist(['service_started', 'service_healthy', 'service_completed_successfully']);
const duration = v.pipe(v.string(), v.regex(/^\d+(ms|s|m)$/));
const words = v.pipe(v.array(v.string()), v.minLength(1));

const service = v.strictObject({
  image: v.pipe(v.string(), v.regex(/^[a-z][a-z/-]*:[\w.-]+$/, 'image without a tag')),
  build: v.optional(v.union([v.literal('.'), v.strictObject({ context: v.literal('.'), target: v.string() })])),
  profiles: v.optional(words),
  depends_on: v.optional(v.record(v.string(), v.strictObject({ condition }))),
  // Strings only: what YAML reads as a number or a yes may not be what is meant.
  environment: v.optional(v.record(v.string(), v.string())),
  volumes: v.optional(v.array(v.pipe(v.string(), v.regex(/^[^:]+(:-[^}]*\})?:\/[^:]*(:ro)?$/)))),
  ports: v.optional(
    v.array(v.pipe(v.string(), v.regex(/^127\.0\.0\.1:\$\{\w+:-\d+\}:\d+$/, 'open to other machines'))),
  ),
  command: v.optional(words),
  healthcheck: v.optional(
    v.strictObject({
      test: v.pipe(
        words,
        v.check(([first]) => first === 'CMD'),
      ),
      interval: duration,
      timeout: duration,
      retries: v.number(),
    }),
  ),
  stop_grace_period: v.optional(duration),
  restart: v.picklist(['unless-stopped', 'on-failure:5']),
});

const composeFile = v.strictObject({
  name: v.literal('durable-resize'),
  services: v.record(v.string(), service),
  volumes: v.record(v.string(), v.null()),
});

const compose = v.parse(composeFile, parse(text('docker-compose.yml'), { strict: true, uniqueKeys: true }));

describe('docker-compose.yml', () => {
  const services = Object.entries(compose.services);

  test('holds Temporal on PostgreSQL, its UI, the worker, and the simulator for the demo alone', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(['database', 'temporal', 'temporal-ui', 'worker', 'simulator']),
    );
    expect(services.filter(([, { profiles }]) => profiles).map(([name, { profiles }]) => [name, profiles])).toEqual([
      ['simulator', ['demo']],
    ]);
  });

  test('pins every image of others to a version', () => {
    for (const [, { image, build }] of services) if (!build) expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-\w+)?$/);
    const version = (name: string) => compose.services[name]?.image.split(':')[1];
    expect(version('temporal-database')).toBe(version('temporal'));
    expect(version('temporal-namespace')).toBe(version('temporal'));
  });

  test('waits for what is there, and for health only where health is checked', () => {
    for (const [, { depends_on: dependsOn = {} }] of services) {
      for (const [name, { condition: waitsFor }] of Object.entries(dependsOn)) {
        const target = compose.services[name];
        expect(target).toBeDefined();
        if (waitsFor === 'service_healthy') expect(target?.healthcheck).toBeDefined();
        // One that is started again whenever it ends would never have completed.
        if (waitsFor === 'service_completed_successfully') expect(target?.restart).toBe('on-failure:5');
      }
    }
    expect(compose.services['worker']?.depends_on).toEqual({
      'temporal-namespace': { condition: 'service_completed_successfully' },
    });
  });

  test('declares its volumes, and mounts only files that exist, read-only', () => {
    for (const [, { volumes = [] }] of services) {
      for (const volume of volumes) {
        const source = /^\$\{\w+:-([^}]+)\}/.exec(volume)?.[1] ?? volume.split(':')[0] ?? '';
        if (source.startsWith('./')) {
          expect(volume).toMatch(/:ro$/);
          expect([source, existsSync(path.join(root, source))]).toEqual([source, true]);
        } else {
          expect(Object.keys(compose.volumes)).toContain(source);
        }
      }
    }
  });

  test('runs scripts and files that exist', () => {
    for (const [, { command = [], environment = {} }] of services) {
      for (const word of [...command, ...Object.values(environment)]) {
        if (word.startsWith('/setup/'))
          expect(existsSync(path.join(root, 'scripts/compose', word.slice(7)))).toBe(true);
      }
    }
  });

  test('passes each variable that its scripts read', () => {
    for (const [, { command = [], environment = {} }] of services) {
      const script = command.find((word) => word.startsWith('/setup/') && word.endsWith('.sh'));
      if (script === undefined) continue;
      const source = text(script.replace('/setup/', 'scripts/compose/'));
      const read = [...source.matchAll(/\$\{?(TEMPORAL_[A-Z]+)/g)].map(([, name = '']) => name);
      expect(Object.keys(environment)).toEqual(expect.arrayContaining(read));
    }
  });

  test('holds no secret: passwords come from the environment', () => {
    for (const [, { environment = {} }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASS|PWD|SECRET|TOKEN|KEY/.test(name)) expect(value).toMatch(/^\$\{\w+:-temporal\}$/);
      }
    }
  });

  test('gives the worker its Temporal server and its clouds', () => {
    const { environment, volumes, stop_grace_period: grace } = compose.services['worker'] ?? {};
    expect(environment).toEqual({ TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'default' });
    expect(volumes).toEqual([expect.stringMatching(/:\/etc\/openstack:ro$/)]);
    expect(parseInt(grace ?? '0', 10)).toBeGreaterThan(30);
  });

  test('comes with a clouds.yaml for the simulator', async () => {
    const simulator = await startSimulator();
    try {
      const { pathname } = new URL(simulator.authUrl);
      expect(parse(text('scripts/compose/clouds/clouds.yaml'))).toEqual({
        clouds: {
          lab: {
            auth: {
              auth_url: `http://simulator:8774${pathname}`,
              username: 'demo',
              password: simulator.password,
              project_name: simulator.projectName,
              user_domain_id: 'default',
              project_domain_id: 'default',
            },
            region_name: simulator.region,
          },
        },
      });
    } finally {
      await simulator.close();
    }
  });

  test.each(['database.sh', 'namespace.sh'])('%s is a shell script without errors', async (name) => {
    const file = path.join(root, 'scripts/compose', name);
    expect(await start('/bin/sh', ['-n', file]).ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('Dockerfile', () => {
  const lines = text('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const last = lines.map((line) => line.startsWith('FROM ')).lastIndexOf(true);
  const image = lines.slice(last);

  test('is built in stages on Debian', () => {
    const from = lines.filter((line) => line.startsWith('FROM '));
    expect(from).toEqual([
      'FROM node:22-bookworm-slim AS build',
      'FROM build AS simulator',
      'FROM build AS production',
      'FROM node:22-bookworm-slim',
    ]);
    const { build } = compose.services['simulator'] ?? {};
    expect(build).toEqual({ context: '.', target: 'simulator' });
  });

  test('installs by the lock file and leaves the development packages out', () => {
    expect(lines.some((line) => /^RUN npm ci\b/.test(line))).toBe(true);
    expect(lines.slice(0, last).some((line) => /npm prune --omit=dev/.test(line))).toBe(true);
  });

  test('has certificates, runs as nobody special, and gets its signals', () => {
    expect(image.some((line) => line.includes('ca-certificates'))).toBe(true);
    expect(image).toContain('ENV NODE_ENV=production');
    expect(image.slice(-2)).toEqual(['USER node', 'CMD ["node", "dist/worker.js"]']);
  });

  test('copies what exists and what .dockerignore lets through', () => {
    const letThrough = text('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    for (const name of copied) {
      expect(letThrough).toContain(name);
      expect(statSync(path.join(root, name)).isFile() || statSync(path.join(root, name)).isDirectory()).toBe(true);
    }
    expect([...letThrough].sort()).toEqual([...new Set(copied)].sort());
    expect(text('.dockerignore').split('\n')).toContain('*');
  });
});
