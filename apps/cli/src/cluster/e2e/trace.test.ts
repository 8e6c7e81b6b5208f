import path from 'node:path';
import { jobTraceContext } from '@avd/telemetry';
import { startOtlpReceiver } from '@avd/telemetry/testing';
import { expect, it } from 'vitest';
import { hasNats, isOver, makeClip, openSystemBench } from './system-bench.js';

/** Step -> service whose process has to work on it. */
const WORKERS = {
  prepareMedia: 'avd-orchestrator',
  detectSpeech: 'avd-vad',
  embedVoices: 'avd-embed',
  detectFaces: 'avd-face-track',
  linkTracks: 'avd-face-track',
  readLips: 'avd-syncnet',
  embedFaces: 'avd-embed',
  scoreLips: 'avd-syncnet',
  diarize: 'avd-cluster',
  assembleResult: 'avd-orchestrator',
} as const;

it.skipIf(!hasNats)(
  'a job is one trace: the job, its steps, their tasks in the services that did them (needs nats-server)',
  { timeout: 240_000 },
  async () => {
    await using receiver = await startOtlpReceiver();
    const { traceId } = jobTraceContext('traced');
    {
      await using bench = await openSystemBench({ env: receiver.env });
      const input = path.join(bench.dir, 'clip.mp4');
      await makeClip(input, 6, 4);
      await bench.submit('traced', input, 50);
      expect(await bench.until('traced', isOver)).toMatchObject({ state: 'succeeded' });
    } // what was not sent yet is sent when the services stop
    const spans = receiver.spans().filter((span) => span.traceId === traceId);
    expect(receiver.orphans().filter((span) => span.traceId === traceId)).toEqual([]);

    const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(roots.map(({ name }) => name)).toEqual(['avd.job']);
    const childrenOf = (spanId: string) => spans.filter((span) => span.parentSpanId === spanId);
    const steps = childrenOf(roots[0]!.spanId);
    expect(steps.map(({ attributes }) => String(attributes['avd.step.name'])).sort()).toEqual(
      Object.keys(WORKERS).sort(),
    );
    for (const step of steps) {
      const name = step.attributes['avd.step.name'] as keyof typeof WORKERS;
      // A task of which nothing was heard for a while is sent again, and dropped by the queue.
      const sent = childrenOf(step.spanId).filter(({ spanId }) => childrenOf(spanId).length > 0);
      expect(sent.length, name).toBe(step.attributes['avd.chunk.count']);
      for (const task of sent) {
        expect(task.name).toMatch(/^send avd\.v1\.task\./);
        expect(task.service).toBe('avd-orchestrator');
        const workers = childrenOf(task.spanId).map(({ service }) => service);
        expect(workers, name).toEqual([WORKERS[name]]);
      }
    }
    const names = new Set(spans.map(({ name }) => name));
    for (const name of ['avd.blob.read', 'avd.blob.write', 'avd.inference', 'avd.media.decode']) {
      expect(names).toContain(name);
    }
  },
);
