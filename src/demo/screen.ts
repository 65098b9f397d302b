/** What the demo shows: a block of lines that is rewritten on a terminal, plain lines elsewhere. */
import Table from 'cli-table3';
import type { ResizeStatus } from '../resize/outcome';
import type { Story } from './stories';

/** How one resize stands. */
export interface Scene {
  story: Story;
  status?: ResizeStatus;
  since: number;
}

export interface Screen {
  say: (text: string) => void;
  show: (scenes: readonly Scene[]) => void;
  /** Leaves what is shown where it is; what is said from now on comes below it. */
  done: () => void;
}

const ESCAPE = '\u001b[';

/** @param out where to; a terminal gets a live block */
export function screenOn(out: NodeJS.WriteStream): Screen {
  return out.isTTY ? liveScreen(out) : plainScreen(out);
}

function liveScreen(out: NodeJS.WriteStream): Screen {
  let drawn = 0;
  const wipe = () => {
    if (drawn > 0) out.write(`${ESCAPE}${drawn}A${ESCAPE}0J`);
    drawn = 0;
  };
  let last: readonly Scene[] = [];
  const draw = () => {
    wipe();
    const width = Math.max(out.columns || 100, 40) - 1;
    const lines = last.map((scene) => lineOf(scene).slice(0, width));
    out.write(lines.map((line) => `${line}\n`).join(''));
    drawn = lines.length;
  };
  return {
    say(text) {
      wipe();
      out.write(`${text}\n`);
      if (last.length > 0) draw();
    },
    show(scenes) {
      last = scenes;
      draw();
    },
    done() {
      last = [];
      drawn = 0;
    },
  };
}

function plainScreen(out: NodeJS.WriteStream): Screen {
  const told = new Map<string, string>();
  return {
    say: (text) => void out.write(`${text}\n`),
    done: () => told.clear(),
    show(scenes) {
      for (const scene of scenes) {
        const { server } = scene.story;
        const { phase, message } = scene.status ?? { phase: 'starting', message: '' };
        if (told.get(server) === phase) continue;
        told.set(server, phase);
        out.write(`${server.padEnd(9)} ${phase}${message === '' ? '' : `: ${message}`}\n`);
      }
    },
  };
}

function lineOf({ story, status, since }: Scene): string {
  const seconds = `${Math.round((Date.now() - since) / 1000)} s`;
  const seen = status?.observed;
  const task = seen?.taskState === undefined ? '' : `/${seen.taskState}`;
  const shown = status?.outcome ?? (seen === undefined ? '' : `${seen.status}${task}, ${seen.flavor ?? ''}`);
  const cause = status?.cause === undefined ? '' : ` (${status.cause})`;
  return `  ${story.server.padEnd(9)} ${story.title.padEnd(17)} ${(status?.phase ?? 'starting').padEnd(18)} ${seconds.padStart(5)}  ${shown}${cause}`;
}

/** One row of the final table; all of it was read, none of it is expected. */
export interface Row {
  server: string;
  before: string;
  after: string;
  outcome: string;
  who: string;
  calls: number;
  events: number;
}

export function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: ['server', 'before', 'after', 'outcome', 'who', 'API calls', 'events'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'left', 'left', 'left', 'right', 'right'],
  });
  for (const row of rows) {
    table.push([row.server, row.before, row.after, row.outcome, row.who, String(row.calls), String(row.events)]);
  }
  return table.toString();
}
