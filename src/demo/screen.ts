/** What the demo shows: a block of lines that is rewritten on a terminal, plain lines elsewhere. */
import type { RunStatus } from '../client/run-status';
import type { Story } from './stories';

/** How one resize stands. */
export interface Scene {
  story: Story;
  status?: RunStatus;
  /** ms since the epoch, as is `ended`. */
  began: number;
  ended?: number;
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
  return out.isTTY && process.env['TERM'] !== 'dumb' ? liveScreen(out) : plainScreen(out);
}

function liveScreen(out: NodeJS.WriteStream): Screen {
  let drawn = 0;
  let last: readonly Scene[] = [];
  let clock: NodeJS.Timeout | undefined;
  const wipe = () => {
    if (drawn > 0) out.write(`${ESCAPE}${drawn}A${ESCAPE}0J`);
    drawn = 0;
  };
  const draw = () => {
    wipe();
    // A line that wraps would be two lines to wipe.
    const width = (out.columns || 80) - 1;
    out.write(last.map((scene) => `${lineOf(scene).slice(0, width)}\n`).join(''));
    drawn = last.length;
  };
  return {
    say(text) {
      wipe();
      out.write(`${text}\n`);
      if (last.length > 0) draw();
    },
    show(scenes) {
      last = scenes;
      // The seconds go on where nothing else does.
      clock ??= setInterval(draw, 1000);
      draw();
    },
    done() {
      clearInterval(clock);
      last = [];
      drawn = 0;
    },
  };
}

function plainScreen(out: NodeJS.WriteStream): Screen {
  const shownPhase = new Map<string, string>();
  return {
    say: (text) => void out.write(`${text}\n`),
    show(scenes) {
      for (const { story, status, began } of scenes) {
        if (status === undefined || shownPhase.get(story.server) === status.phase) continue;
        shownPhase.set(story.server, status.phase);
        const head = `${secondsSince(began)}  ${story.server.padEnd(8)}  ${status.phase.padEnd(17)}`;
        out.write(`${head}  ${status.message}\n`);
      }
    },
    done: () => shownPhase.clear(),
  };
}

const secondsSince = (began: number, until = Date.now()): string =>
  `${Math.round((until - began) / 1000)} s`.padStart(5);

function lineOf({ story, status, began, ended }: Scene): string {
  const asExpected = status?.outcome === story.ends.outcome ? '+' : '!';
  const head = `${ended === undefined ? ' ' : asExpected} ${story.server.padEnd(8)}  ${story.title.padEnd(14)}`;
  return `${head} ${(status?.phase ?? 'starting').padEnd(17)} ${secondsSince(began, ended)}  ${shown(status)}`;
}

/** What the server shows, or how it ended. */
function shown(status: RunStatus | undefined): string {
  if (status?.outcome !== undefined) return status.outcome + (status.cause === undefined ? '' : ` (${status.cause})`);
  if (status !== undefined && !status.live) return '(no worker)';
  const seen = status?.observed;
  if (seen === undefined) return '';
  return `${seen.status}${seen.taskState === undefined ? ` ${seen.flavor ?? ''}` : `/${seen.taskState}`}`;
}
