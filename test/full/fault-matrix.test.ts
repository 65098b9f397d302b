import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startLab } from '../simulator/lab';
import { MATRIX, type Cell } from '../proxy/expectations';
import type { Told } from '../proxy/fault-story';
import { faultMatrix } from '../proxy/matrix';
import { replaceTable, tableOf } from '../proxy/table';

const root = path.join(__dirname, '..', '..');
const told = new Map<Cell, Told>();

describe('every fault, once and lasting, at every request', () => {
  faultMatrix(() => startLab(), MATRIX, { side: 24, told: (cell, story) => void told.set(cell, story) });

  // Kept for docs/faults.md: `FAULTS_TO=docs/faults.md npm run test:full -- fault-matrix` writes it there.
  afterAll(async () => {
    const table = tableOf(MATRIX, told);
    const to = process.env['FAULTS_TO'];
    if (to === undefined) {
      await mkdir(path.join(root, '.cache'), { recursive: true });
      await writeFile(path.join(root, '.cache', 'fault-matrix.md'), table);
    } else {
      const file = path.join(root, to);
      await writeFile(file, replaceTable(await readFile(file, 'utf8'), table));
    }
  });
});
