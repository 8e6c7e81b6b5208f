import { diarizationV1 } from '@avd/contracts';
import { describe, expect, it } from 'vitest';
import { jobEvents } from './job-events.js';
import type { Job } from './job-state.js';

type Steps = readonly [step: string, doneTasks: number, done: number, reusedTasks?: number][];

function snapshot(steps: Steps, more: Partial<Job> = {}): Job {
  return diarizationV1.DiarizationJob.fromPartial({
    ...more,
    progress: {
      fraction: 0.5,
      steps: steps.map(([step, doneTasks, done, reusedTasks = 0]) => ({
        ...{ step, stage: 'vad', totalTasks: 2, doneTasks, reusedTasks },
        ...{ done, total: 200, unit: 'frames' },
      })),
    },
  });
}

describe('events of a job', () => {
  it('come once each, with the time since the step was first seen at work', () => {
    let nowMs = 0;
    const eventsOf = jobEvents(() => nowMs);
    expect(eventsOf(snapshot([]))).toEqual([]);
    nowMs = 1000;
    const half = snapshot([
      ['detectFaces', 0, 50],
      ['linkTracks', 0, 0],
    ]);
    const progress = { type: 'progress', step: 'detectFaces', total: 200, unit: 'frames' };
    expect(eventsOf(half)).toEqual([{ ...progress, done: 50 }]);
    expect(eventsOf(half)).toEqual([]);
    nowMs = 4000;
    const whole = snapshot([
      ['detectFaces', 2, 200],
      ['linkTracks', 1, 100],
    ]);
    expect(eventsOf(whole)).toEqual([
      { ...progress, done: 200 },
      { type: 'step', step: 'detectFaces', tasks: 2, reused: 0, elapsedSec: 4 },
      { ...progress, step: 'linkTracks', done: 100 },
    ]);
    expect(eventsOf(whole)).toEqual([]);
  });

  it('of work that was done before use the clock of the server', () => {
    const eventsOf = jobEvents(() => 77);
    const times = { startTime: new Date(10_000), updateTime: new Date(12_500) };
    const events = eventsOf(snapshot([['detectSpeech', 2, 200, 2]], times));
    expect(events.at(-1)).toMatchObject({ type: 'step', reused: 2, elapsedSec: 2.5 });
  });

  it('tell each notice once', () => {
    const eventsOf = jobEvents();
    const job = snapshot([], { notices: ['No sound.'] });
    expect(eventsOf(job)).toEqual([{ type: 'notice', message: 'No sound.' }]);
    expect(eventsOf(job)).toEqual([]);
  });
});
