import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startS3TestServer } from '@avd/storage/testing';
import { expect, it } from 'vitest';
import { filesOfOneProcess, hasNats, isOver, makeClip, openSystemBench } from './system-bench.js';

const OUTAGE_SEC = 20;

it.skipIf(!hasNats)(
  `a blob store in S3 that is away for ${OUTAGE_SEC} s changes nothing (needs nats-server)`,
  { timeout: 400_000 },
  async () => {
    await using s3 = await startS3TestServer(['avd']);
    await using bench = await openSystemBench({
      blobStore: `s3://avd/blobs?endpoint=${s3.endpoint}&region=eu-west-1&path-style=true`,
      env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    });
    const input = path.join(bench.dir, 'clip.mp4');
    await makeClip(input, 5, 10);
    const expected = await filesOfOneProcess(input, path.join(bench.dir, 'one'));
    await bench.submit('outage', input, 25);
    await bench.until('outage', ({ progress }) =>
      progress.inFlight.some(({ step }) => step === 'detectFaces'),
    );
    s3.faults.isDown = true;
    await pause(OUTAGE_SEC * 1000);
    s3.faults.isDown = false;
    expect(await bench.until('outage', isOver)).toMatchObject({ state: 'succeeded' });
    expect(await bench.filesOf('outage')).toEqual(expected);
  },
);
