import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');

/** What each mutant and survivor is, Stryker prints; `thresholds.break` in stryker.config.mjs says which score fails. */
it('the tests of src/resize notice what is changed in it', async () => {
  const stryker = spawn(path.join(root, 'node_modules', '.bin', 'stryker'), ['run'], { cwd: root, stdio: 'inherit' });
  expect(await once(stryker, 'exit')).toEqual([0, null]);
}, 3_600_000);
