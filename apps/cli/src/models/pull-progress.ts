import type { PullEvent } from '@avd/models';
import { formatSize } from './format-size.js';

/** Shows a running pull. */
export interface PullReporter {
  event(event: PullEvent): void;
  /** Leaves the terminal in order. */
  end(): void;
}

type Progress = Extract<PullEvent, { type: 'progress' }>;

const BAR_WIDTH = 24;
const REDRAW_MS = 100;

/** A bar that is drawn in place on a terminal, a few plain lines elsewhere. */
export function pullReporter(out: NodeJS.WriteStream): PullReporter {
  return out.isTTY ? barReporter(out) : lineReporter(out);
}

/** One line when a file is a quarter further, and one for everything else. */
export function lineReporter(out: NodeJS.WritableStream): PullReporter {
  let quarter = 0;
  let file = '';
  return {
    event(event) {
      if (event.type !== 'progress') {
        out.write(`${lineOf(event)}\n`);
        return;
      }
      if (event.file !== file) quarter = 0;
      file = event.file;
      const { doneBytes, totalBytes } = event;
      if (totalBytes === undefined) return;
      const reached = Math.floor((4 * doneBytes) / totalBytes);
      if (reached > quarter && reached < 4) {
        out.write(`${file}: ${formatSize(doneBytes)} of ${formatSize(totalBytes)}\n`);
      }
      quarter = reached;
    },
    end: () => undefined,
  };
}

function barReporter(out: NodeJS.WriteStream): PullReporter {
  let first: { readonly event: Progress; readonly atMs: number } | undefined;
  let drawnMs = 0;
  let isDrawn = false;
  const erase = (): void => {
    if (isDrawn) out.write('\r\x1b[2K');
    isDrawn = false;
  };
  return {
    event(event) {
      const nowMs = performance.now();
      if (event.type !== 'progress') {
        erase();
        first = undefined;
        out.write(`${lineOf(event)}\n`);
        return;
      }
      first ??= { event, atMs: nowMs };
      if (isDrawn && nowMs - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs;
      erase();
      const gainedBytes = event.doneBytes - first.event.doneBytes;
      const elapsedSec = (nowMs - first.atMs) / 1000;
      const line = barOf(event, elapsedSec > 0.5 ? gainedBytes / elapsedSec : 0);
      out.write(line.slice(0, Math.max(20, out.columns - 1)));
      isDrawn = true;
    },
    end: erase,
  };
}

function barOf({ file, doneBytes, totalBytes }: Progress, bytesPerSec: number): string {
  const rate = bytesPerSec > 0 ? `  ${formatSize(bytesPerSec)}/s` : '';
  if (totalBytes === undefined) return `${file}  ${formatSize(doneBytes)}${rate}`;
  const share = doneBytes / totalBytes;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const percent = String(Math.floor(share * 100)).padStart(3);
  const left =
    bytesPerSec > 0 ? `, ${Math.ceil((totalBytes - doneBytes) / bytesPerSec)} s left` : '';
  return `${file}  ${bar} ${percent} % of ${formatSize(totalBytes)}${rate}${left}`;
}

function lineOf(event: Exclude<PullEvent, { type: 'progress' }>): string {
  switch (event.type) {
    case 'present':
      return `${event.file}: there already, verified`;
    case 'retry':
      return `${event.file}: ${event.why}; trying again in ${(event.waitMs / 1000).toFixed(1)} s`;
    case 'done':
      return `${event.file}: done, verified`;
  }
}
