import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive, root, start, temporaryFolder, until, type Ended, type Running } from './processes';

// A project small enough to be installed without a network: its one dependency is the compiler, linked from here.

const { folder, remove } = temporaryFolder();
afterAll(remove);

// What `npm test` has in its environment is about this project, not about the small one.
const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));

let clones = 0;
let template = '';

function write(clone: string, name: string, text: string): void {
  mkdirSync(path.dirname(path.join(clone, name)), { recursive: true });
  writeFileSync(path.join(clone, name), text);
}

/** A bare clone: sources and lock file, nothing installed, nothing built. */
function bareClone(): string {
  clones += 1;
  const clone = path.join(folder, `clone-${clones}`);
  mkdirSync(path.join(clone, 'scripts'), { recursive: true });
  for (const name of ['run.mjs', 'child.mjs', 'lock.js', 'bundle-workflows.mjs']) {
    copyFileSync(path.join(root, 'scripts', name), path.join(clone, 'scripts', name));
  }
  const compiler = path.join(root, 'node_modules/typescript');
  write(
    clone,
    'package.json',
    JSON.stringify({
      name: 'small',
      version: '1.0.0',
      engines: { node: '>=20.19' },
      devDependencies: { typescript: `file:${compiler}` },
    }),
  );
  if (template !== '') write(clone, 'package-lock.json', template);
  write(
    clone,
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        module: 'node16',
        rootDir: 'src',
        outDir: 'dist',
        incremental: true,
        tsBuildInfoFile: 'dist/.tsbuildinfo',
        types: [],
        // Quick: what is compiled here needs no library.
        lib: ['es5'],
        skipLibCheck: true,
      },
      include: ['src'],
    }),
  );
  write(clone, 'src/hello.ts', `declare const console: { log(text: string): void };\nconsole.log('hello');\n`);
  return clone;
}

function runner(clone: string, args: string[], env: NodeJS.ProcessEnv = {}): Running {
  return start(process.execPath, ['scripts/run.mjs', ...args], { cwd: clone, env: { ...plain, ...env } });
}

const run = (clone: string, args: string[], env?: NodeJS.ProcessEnv): Promise<Ended> => runner(clone, args, env).ended;

let ready = '';

beforeAll(async () => {
  const first = bareClone();
  const made = await start('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
    cwd: first,
    env: plain,
  }).ended;
  expect(made).toMatchObject({ code: 0 });
  template = readFileSync(path.join(first, 'package-lock.json'), 'utf8');
  ready = bareClone();
});

describe('in a bare clone', () => {
  test('two at once: one installs, development packages too, and builds, the other waits; stdout is the command’s alone', async () => {
    const command = ['--', 'node', 'dist/hello.js'];
    const both = await Promise.all([1, 2].map(() => run(ready, command, { NODE_ENV: 'production' })));
    for (const ended of both) expect(ended).toMatchObject({ code: 0, stdout: 'hello\n' });
    const said = both.map(({ stderr }) => stderr).join('');
    expect(said.match(/durable-resize: installing packages/g)).toHaveLength(1);
    expect(said).toContain('waiting for another process');
  });

  test('the second time there is nothing to do', async () => {
    expect(await run(ready, ['--', 'node', 'dist/hello.js'])).toEqual({
      code: 0,
      signal: null,
      stdout: 'hello\n',
      stderr: '',
    });
  });

  test('without a command it builds and no more', async () => {
    rmSync(path.join(ready, 'dist'), { recursive: true });
    expect(await run(ready, ['--'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(existsSync(path.join(ready, 'dist/hello.js'))).toBe(true);
  });

  test('an installer that was killed does not block the next', async () => {
    const clone = bareClone();
    const hanging = path.join(clone, 'npm-cli.js');
    writeFileSync(hanging, `console.log('installer', process.pid); setInterval(() => {}, 1000);`);
    const first = runner(clone, ['--'], { npm_execpath: hanging });
    const installer = Number((await first.says(/installer (\d+)/))[1]);
    first.child.kill('SIGKILL');
    if (isAlive(installer)) process.kill(installer, 'SIGKILL');
    await first.ended;
    expect(await run(clone, ['--', 'node', 'dist/hello.js'])).toMatchObject({ code: 0, stdout: 'hello\n' });
  });
});

describe('it sees what changed', () => {
  test('a source', async () => {
    write(ready, 'src/more.ts', `declare const console: { log(text: string): void };\nconsole.log('one');\n`);
    expect(await run(ready, ['--', 'node', 'dist/more.js'])).toMatchObject({ code: 0, stdout: 'one\n' });
    write(ready, 'src/more.ts', `declare const console: { log(text: string): void };\nconsole.log('two');\n`);
    expect(await run(ready, ['--', 'node', 'dist/more.js'])).toMatchObject({ code: 0, stdout: 'two\n' });
  });

  test('output that is gone', async () => {
    rmSync(path.join(ready, 'dist/more.js'));
    expect(await run(ready, ['--', 'node', 'dist/more.js'])).toMatchObject({ code: 0, stdout: 'two\n' });
  });

  test('a source that is gone takes its output with it', async () => {
    rmSync(path.join(ready, 'src/more.ts'));
    expect(await run(ready, ['--'])).toMatchObject({ code: 0 });
    expect(existsSync(path.join(ready, 'dist/more.js'))).toBe(false);
    expect(existsSync(path.join(ready, 'dist/hello.js'))).toBe(true);
  });

  test('packages that are gone, as after npm prune', async () => {
    const pruned = await start('npm', ['prune', '--omit=dev', '--no-audit'], { cwd: ready, env: plain }).ended;
    expect(pruned.code).toBe(0);
    const ended = await run(ready, ['--', 'node', 'dist/hello.js']);
    expect(ended).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect(ended.stderr).toContain('installing packages');
  });

  test('packages that were installed by hand are not installed again', async () => {
    expect((await start('npm', ['ci', '--no-audit'], { cwd: ready, env: plain }).ended).code).toBe(0);
    expect(await run(ready, ['--', 'node', 'dist/hello.js'])).toMatchObject({ code: 0, stdout: 'hello\n', stderr: '' });
  });
});

describe('when it cannot go on, it says so in one sentence', () => {
  const sentences = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('durable-resize: '));

  test('a source that does not compile', async () => {
    write(ready, 'src/wrong.ts', `export const wrong: number = 'text';\n`);
    const ended = await run(ready, ['--', 'node', 'dist/hello.js']);
    rmSync(path.join(ready, 'src/wrong.ts'));
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(sentences(ended.stderr)).toEqual([
      'durable-resize: The build failed (tsc exited with 2); what it said is above.',
    ]);
    expect(ended.stderr).toContain('wrong.ts');
  });

  test('packages that cannot be installed', async () => {
    const clone = bareClone();
    write(clone, 'package-lock.json', template.replaceAll('"node_modules/typescript"', '"node_modules/other"'));
    const ended = await run(clone, ['--', 'node', 'dist/hello.js']);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(sentences(ended.stderr).at(-1)).toMatch(
      /^durable-resize: Installing the packages failed \(.* exited with 1\); what it said is above\.$/,
    );
    expect(ended.stderr).not.toContain('at async');
  });

  test('a Node.js that is too old', async () => {
    const old = path.join(folder, 'old.cjs');
    writeFileSync(old, `Object.defineProperty(process.versions, 'node', { value: '20.18.3' });`);
    const ended = await start(process.execPath, ['-r', old, 'scripts/run.mjs', '--', 'node', '-v'], { cwd: ready })
      .ended;
    expect(ended).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: 'durable-resize: Node.js 20.19 or newer is needed, and this is 20.18.3.\n',
    });
  });

  test('a command that does not exist', async () => {
    const ended = await run(ready, ['--', 'no-such-command']);
    expect(ended.code).toBe(127);
    expect(sentences(ended.stderr)).toHaveLength(1);
  });
});

describe('the command’s end is the runner’s', () => {
  test('exit code and arguments', async () => {
    const code = 'console.log(process.argv.slice(1).join()); process.exit(7)';
    expect(await run(ready, ['--', 'node', '-e', code, 'a b', '--', '-f'])).toMatchObject({
      code: 7,
      stdout: 'a b,--,-f\n',
    });
  });

  test('programs of the packages are on the PATH', async () => {
    expect(await run(ready, ['--', 'tsc', '--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Version \d/) as string,
    });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s is passed on, and what the command makes of it',
    async (signal) => {
      const code = `
      process.on('${signal}', () => { console.log('asked'); process.exit(5); });
      setInterval(() => {}, 1000); console.log('ready');`;
      const running = runner(ready, ['--', 'node', '-e', code]);
      await running.says(/ready/);
      running.child.kill(signal);
      expect(await running.ended).toMatchObject({ code: 5, signal: null, stdout: 'ready\nasked\n' });
    },
  );

  test('a command that a signal ends: so ends the runner', async () => {
    const running = runner(ready, ['--', 'node', '-e', `setInterval(() => {}, 1000); console.log('ready');`]);
    await running.says(/ready/);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  test('SIGINT twice reaches the command twice, and the runner waits for it', async () => {
    const code = `
      let count = 0;
      process.on('SIGINT', () => { console.log('asked', ++count); if (count === 2) process.exit(6); });
      setInterval(() => {}, 1000); console.log('ready');`;
    const running = runner(ready, ['--', 'node', '-e', code]);
    await running.says(/ready/);
    running.child.kill('SIGINT');
    await running.says(/asked 1/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 6, stdout: 'ready\nasked 1\nasked 2\n' });
  });

  test('SIGTERM to npm, which tells its shell alone, ends the command in order', async () => {
    const manifest = JSON.parse(readFileSync(path.join(ready, 'package.json'), 'utf8')) as object;
    const scripts = { serve: 'node scripts/run.mjs -- node serve.js' };
    write(ready, 'package.json', JSON.stringify({ ...manifest, scripts }));
    write(
      ready,
      'serve.js',
      `process.on('SIGTERM', () => { require('fs').writeFileSync('ended', ''); process.exit(0); });
       setInterval(() => {}, 1000); console.log('pid', process.pid);`,
    );
    const npm = start('npm', ['run', 'serve'], { cwd: ready, env: plain });
    const pid = Number((await npm.says(/pid (\d+)/))[1]);
    npm.child.kill('SIGTERM');
    await until(() => !isAlive(pid));
    expect(existsSync(path.join(ready, 'ended'))).toBe(true);
    await npm.ended;
  });
});
