import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseConfig, workerSettings, type WorkerSettings } from '@avd/config';
import { stageV1 } from '@avd/contracts';
import { natsServerPath, startNatsServer } from '@avd/messaging/testing';
import { createRpcClient } from '@avd/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStage, type HostedStage } from './host-stage.js';
import { countWords } from './testing/count-words.js';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-host-stage-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const hosted: HostedStage = {
  stage: 'vad',
  service: stageV1.VadServiceService,
  serviceName: 'avdiarization.stage.v1.VadService',
  calls: { detectSpeech: countWords().call, detectTrackSpeech: countWords().call },
  warmModels: ['silero-vad', 's3fd'],
};

function settingsOf(natsUrl: string, more: Readonly<Record<string, string>> = {}): WorkerSettings {
  return parseConfig(workerSettings, {
    AVD_NATS_URL: natsUrl,
    AVD_BLOB_STORE: pathToFileURL(path.join(dir, 'blobs')).href,
    AVD_WORK_DIR: path.join(dir, 'work'),
    AVD_MODEL_DIR: path.join(dir, 'models'),
    AVD_GRPC_ADDRESS: '127.0.0.1:0',
    AVD_LOG_LEVEL: 'error',
    ...more,
  }).settings;
}

describe.skipIf(natsServerPath() === undefined)('a stage (needs nats-server)', () => {
  it('says which networks are loaded, and runs them as it is told', async () => {
    await using nats = await startNatsServer();
    await using stage = await startStage(
      hosted,
      settingsOf(nats.url, { AVD_THREADS: '2', AVD_THREADS_PER_RUN: '2', AVD_MAX_BATCH: '4' }),
    );
    await using client = await createRpcClient(
      stageV1.StageInfoServiceClient,
      `127.0.0.1:${stage.port}`,
    );
    const info = await client.call('getStageInfo', {});
    expect(info.models).toEqual([
      { name: 'silero-vad', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
    expect(info.executionProviders).toEqual(['cpu']);
  });

  it('does not start with an execution provider that is not there', async () => {
    await using nats = await startNatsServer();
    const settings = settingsOf(nats.url, { AVD_EXECUTION_PROVIDERS: 'quantum,cpu' });
    await expect(startStage(hosted, settings)).rejects.toMatchObject({
      kind: 'invalidInput',
      message: 'There is no execution provider quantum; there are cpu, cuda, tensorrt.',
    });
  });
});
