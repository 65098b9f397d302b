// @ts-check

// Measures which lines of src the tests run: `npm run coverage`, or `npm run coverage -- test/story` for some of them.
// A bundle of the sources takes the place of the built one meanwhile, so that what runs in it can be told by its source.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import coverage from 'istanbul-lib-coverage';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const src = path.join(root, 'src');
const bundle = path.join(root, 'dist', 'workflow-bundle.js');
/** In the tests' process, and in the worker processes that they start. */
const folders = { jest: path.join(root, 'coverage', 'jest'), workers: path.join(root, 'coverage', 'workers') };
const raw = path.join(root, 'coverage', 'raw');

/** @param {string} program @param {string[]} args */
function run(program, args) {
  const bin = path.join(root, 'node_modules', '.bin', program);
  const env = { ...process.env, TEST_COVERAGE: raw };
  return spawnSync(bin, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}

/** @param {string} folder */
const read = (folder) => JSON.parse(readFileSync(path.join(folder, 'coverage-final.json'), 'utf8'));

rmSync(path.join(root, 'coverage'), { recursive: true, force: true });
mkdirSync(raw, { recursive: true });
const { code } = await bundleWorkflowCode({
  workflowsPath: path.join(src, 'workflows', 'index.ts'),
  logger: new DefaultLogger('WARN'),
});
// Without its stamp the next build makes the bundle anew, even if this is interrupted.
rmSync(path.join(root, 'dist', '.bundle-stamp'), { force: true });
writeFileSync(bundle, code);

const only = ['--include', 'src/**/*.ts', '--exclude-after-remap', '--reporter', 'json'];
const failed = run('jest', [
  ...['--coverage', '--coverageProvider=v8', '--coverageReporters=json', `--coverageDirectory=${folders.jest}`],
  // What is measured takes longer: workflows share a thread with the rest of their worker.
  ...['--testTimeout=240000', '--maxWorkers=2', '--collectCoverageFrom=src/**/*.ts', ...process.argv.slice(2)],
]);
run('c8', ['report', '--temp-directory', raw, '--reports-dir', folders.workers, ...only]);

const all = coverage.createCoverageMap(read(folders.jest));
all.merge(read(folders.workers));

/** @type {Map<string, ReturnType<typeof coverage.createCoverageSummary>>} */
const byFolder = new Map();
for (const file of all.files()) {
  const folder = path.dirname(path.relative(src, file));
  const summary = byFolder.get(folder) ?? coverage.createCoverageSummary();
  byFolder.set(folder, summary.merge(all.fileCoverageFor(file).toSummary()));
}
const table = new Table({ head: ['src/', 'lines', 'covered', '%'], style: { head: [], border: [] } });
for (const [folder, { lines }] of [...byFolder].sort()) table.push([folder, lines.total, lines.covered, lines.pct]);
const { lines } = all.getCoverageSummary();
table.push(['all', lines.total, lines.covered, lines.pct]);
console.log(table.toString());
if (failed !== 0) console.log('Tests have failed, see above: what they would have run besides is not counted.');
writeFileSync(path.join(root, 'coverage', 'coverage-final.json'), JSON.stringify(all));
writeFileSync(
  path.join(root, 'coverage', 'coverage-summary.json'),
  JSON.stringify({ total: all.getCoverageSummary(), ...Object.fromEntries(byFolder) }, null, 2),
);
process.exitCode = failed;
