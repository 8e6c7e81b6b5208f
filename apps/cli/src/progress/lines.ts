import { stepTitles, type JobEvent, type Reporter } from './reporter.js';

/** Plain lines for logs and pipes: one when a step is a quarter further, one when it ends. */
export function lineReporter(out: NodeJS.WritableStream): Reporter {
  const quarters = new Map<string, number>();
  const say = (line: string): void => void out.write(`${line}\n`);
  return {
    event(event: JobEvent) {
      switch (event.type) {
        case 'start':
          say(`${event.input} (${event.durationSec.toFixed(1)} s)`);
          break;
        case 'notice':
          say(`note: ${event.message}`);
          break;
        case 'progress': {
          const quarter = Math.floor((4 * event.done) / Math.max(1, event.total));
          if (quarter > (quarters.get(event.step) ?? 0) && quarter < 4) {
            say(
              `${stepTitles[event.step] ?? event.step}: ${event.done} of ${event.total} ${event.unit}`,
            );
          }
          quarters.set(event.step, quarter);
          break;
        }
        case 'step': {
          const how =
            event.reused === event.tasks
              ? 'reused from the cache'
              : `done in ${event.elapsedSec.toFixed(1)} s`;
          const part =
            event.reused > 0 && event.reused < event.tasks
              ? ` (${event.reused} of ${event.tasks} parts reused)`
              : '';
          say(`${stepTitles[event.step] ?? event.step}: ${how}${part}`);
          break;
        }
      }
    },
    end: () => undefined,
  };
}

/** One JSON object a line, for programs. */
export function jsonReporter(out: NodeJS.WritableStream): Reporter {
  return {
    event: (event) => void out.write(`${JSON.stringify(event)}\n`),
    end: () => undefined,
  };
}
