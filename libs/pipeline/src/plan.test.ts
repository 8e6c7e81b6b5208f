import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkRange, nextTasks, planVideo, taskId } from './plan.js';

describe('planVideo', () => {
  it('covers every frame once, whatever the chunk size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 2000 }),
        (frameCount, chunkFrames) => {
          const plan = planVideo({ frameCount, hasSound: true, chunkFrames });
          const detect = plan.steps.find(({ step }) => step === 'detectFaces')!;
          let next = 0;
          for (let index = 0; index < detect.count; index++) {
            const range = chunkRange(plan, index);
            expect(range.startFrame).toBe(next);
            expect(range.endFrame).toBeGreaterThan(range.startFrame);
            next = range.endFrame;
          }
          expect(next).toBe(frameCount);
        },
      ),
    );
  });

  it('has only sound steps without a picture and nothing without sound', () => {
    const soundOnly = planVideo({ frameCount: 0, hasSound: true, chunkFrames: 100 });
    expect(soundOnly.steps.map(({ step }) => step)).toEqual([
      'detectSpeech',
      'embedVoices',
      'diarize',
    ]);
    expect(planVideo({ frameCount: 50, hasSound: false, chunkFrames: 100 }).steps).toEqual([]);
  });
});

describe('nextTasks', () => {
  it('hands out every task once and in an order that respects the graph, however results arrive', () => {
    const seeds = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 50, max: 200 }),
        seeds,
        (frameCount, chunkFrames, picks) => {
          const plan = planVideo({ frameCount, hasSound: true, chunkFrames });
          const done = new Set<string>();
          const started = new Set<string>();
          const handedOut: string[] = [];
          for (let turn = 0; ; turn++) {
            for (const task of nextTasks(plan, done, started)) {
              const step = plan.steps.find((planned) => planned.step === task.step)!;
              for (const need of step.needs) {
                const { count } = plan.steps.find((planned) => planned.step === need)!;
                for (let index = 0; index < count; index++)
                  expect(done.has(taskId({ step: need, index }))).toBe(true);
              }
              started.add(taskId(task));
              handedOut.push(taskId(task));
            }
            const open = [...started];
            if (open.length === 0) break;
            const finished = open[picks[turn % picks.length]! % open.length]!;
            started.delete(finished);
            done.add(finished);
            done.add(finished); // a result delivered twice
          }
          expect(new Set(handedOut).size).toBe(handedOut.length);
          expect(handedOut.length).toBe(plan.steps.reduce((sum, { count }) => sum + count, 0));
        },
      ),
    );
  });
});
