import { expect, it } from 'vitest';
import { planVideo } from './plan.js';
import { resolveSettings } from './settings.js';
import { StepTally, type StepEvent } from './step-tally.js';

it('adds up pieces by their length: the last one is shorter', () => {
  const plan = planVideo({
    ...{ frameCount: 250, sampleCount: 160_000, chunkFrames: 100 },
    settings: resolveSettings({}),
  });
  const events: StepEvent[] = [];
  const tally = new StepTally(plan, (event) => events.push(event));
  const step = 'detectFaces';
  for (const index of [0, 1, 2]) tally.started({ step, index });
  tally.finished({ step, index: 0 }, false);
  tally.report({ step, index: 2 }, { done: 25, total: 50, unit: 'frames' });
  tally.report({ step, index: 1 }, { done: 100, total: 100, unit: 'frames' });
  expect(events).toMatchObject([
    { type: 'progress', done: 125, total: 250 },
    { type: 'progress', done: 225, total: 250 },
  ]);
  tally.finished({ step, index: 1 }, false);
  tally.finished({ step, index: 2 }, true);
  expect(events.at(-1)).toMatchObject({ type: 'step', tasks: 3, reused: 1 });
});
