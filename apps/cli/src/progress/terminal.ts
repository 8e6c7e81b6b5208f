import { stepTitles, type JobEvent, type Reporter } from './reporter.js';

const BAR_WIDTH = 24;
const REDRAW_MS = 100;

interface StepState {
  readonly startedMs: number;
  done: number;
  total: number;
  unit: string;
  finished?: string;
}

/** A bar per step with its rate and time left; redraws in place on a terminal. */
export function terminalReporter(out: NodeJS.WriteStream): Reporter {
  const steps = new Map<string, StepState>();
  let drawnLines = 0;
  let lastDrawMs = 0;

  const erase = (): void => {
    if (drawnLines > 0) out.write(`\x1b[${drawnLines}A\x1b[0J`);
    drawnLines = 0;
  };
  const draw = (force: boolean): void => {
    const nowMs = performance.now();
    if (!force && nowMs - lastDrawMs < REDRAW_MS) return;
    lastDrawMs = nowMs;
    erase();
    const lines = [...steps].map(([name, state]) => stepLine(name, state, nowMs));
    out.write(lines.map((line) => line.slice(0, Math.max(20, out.columns - 1)) + '\n').join(''));
    drawnLines = lines.length;
  };
  return {
    event(event: JobEvent) {
      switch (event.type) {
        case 'start':
          out.write(`${event.input} (${event.durationSec.toFixed(1)} s)\n`);
          break;
        case 'notice':
          erase();
          out.write(`note: ${event.message}\n`);
          break;
        case 'progress': {
          const state = steps.get(event.step) ?? {
            startedMs: performance.now(),
            done: 0,
            total: 0,
            unit: '',
          };
          steps.set(
            event.step,
            Object.assign(state, { done: event.done, total: event.total, unit: event.unit }),
          );
          draw(false);
          break;
        }
        case 'step': {
          const state = steps.get(event.step) ?? {
            startedMs: performance.now(),
            done: 1,
            total: 1,
            unit: '',
          };
          const reused =
            event.reused === event.tasks
              ? 'reused from the cache'
              : `${event.elapsedSec.toFixed(1)} s`;
          steps.set(event.step, Object.assign(state, { finished: reused }));
          draw(true);
          break;
        }
      }
    },
    end: () => draw(true),
  };
}

function stepLine(name: string, state: StepState, nowMs: number): string {
  const title = (stepTitles[name] ?? name).padEnd(18);
  const share = state.finished !== undefined ? 1 : state.total > 0 ? state.done / state.total : 0;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  if (state.finished !== undefined) return `${title} ${bar} 100 %  ${state.finished}`;
  const elapsedSec = (nowMs - state.startedMs) / 1000;
  const rate = elapsedSec > 0.2 ? state.done / elapsedSec : 0;
  const left =
    rate > 0
      ? `${rate.toFixed(0)} ${state.unit}/s, ${((state.total - state.done) / rate).toFixed(0)} s left`
      : '';
  return `${title} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${left}`;
}
