import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { diarizationV1, stageV1 } from '@avd/contracts';
import { connectMessaging, jobStore, natsServerPath, type JobStore } from '@avd/messaging';
import { resolveSettings } from '@avd/pipeline';
import { createRpcClient, type RpcClient } from '@avd/rpc';
import { makeMedia } from '@avd/testing';
import { diarizeVideo } from '../../diarize-video.js';
import { startSystem } from '../system/start-system.js';
import type { RunningSystem, StartSystemOptions } from '../system/system-types.js';

export const SAMPLE = fileURLToPath(new URL('../../../../../sample/sample.mp4', import.meta.url));

export const hasNats = natsServerPath() !== undefined;

/** Names of the files that have to be the same however they were made. */
export const RESULT_FILES = ['result.rttm', 'result.json', 'diarization.json'] as const;
export type ResultFiles = Readonly<Record<(typeof RESULT_FILES)[number], string>>;

const { DiarizationFormat } = diarizationV1;
const FORMATS = {
  'result.rttm': DiarizationFormat.RTTM,
  'result.json': DiarizationFormat.VIA,
  'diarization.json': DiarizationFormat.JSON,
} as const;

/** A part of the sample as a video of its own, smaller and at 29.97 pictures a second. */
export async function makeClip(file: string, startSec: number, durationSec: number): Promise<void> {
  const span = ['-ss', String(startSec), '-i', SAMPLE, '-t', String(durationSec)];
  const filter = 'scale=480:270,fps=30000/1001';
  await makeMedia([...span, '-vf', filter, '-preset', 'veryfast', '-g', '60', file]);
}

/** What a run in one process writes. */
export async function filesOfOneProcess(input: string, outDir: string): Promise<ResultFiles> {
  await diarizeVideo({ input, outDir, settings: resolveSettings({}) });
  const texts = await Promise.all(
    RESULT_FILES.map(async (name) => [name, await readFile(path.join(outDir, name), 'utf8')]),
  );
  return Object.fromEntries(texts) as ResultFiles;
}

/** The part of a job's record that tests look at. */
export interface SeenJob {
  readonly state: string;
  readonly error?: { readonly reason: string; readonly message: string };
  readonly progress: { readonly inFlight: readonly { readonly step: string }[] };
  readonly endTime?: string;
}

/** A running system with a client, and a folder for recordings. */
export interface SystemBench extends AsyncDisposable {
  readonly dir: string;
  readonly system: RunningSystem;
  readonly client: RpcClient<typeof diarizationV1.DiarizationServiceService>;
  submit(id: string, input: string, chunkFrames: number): Promise<void>;
  /** The record as it stands in the store: it can be asked for while the orchestrator is dead. */
  job(id: string): Promise<SeenJob | undefined>;
  until(id: string, is: (job: SeenJob) => boolean, limitSec?: number): Promise<SeenJob>;
  filesOf(id: string): Promise<ResultFiles>;
  /** Waits until no stage works on anything. */
  untilIdle(limitSec: number): Promise<void>;
  /** Forgets what was computed, so that the next job has work to do. */
  forgetResults(): Promise<void>;
}

export async function openSystemBench(
  options: Partial<StartSystemOptions> = {},
): Promise<SystemBench> {
  const dir = await mkdtemp(path.join(tmpdir(), 'avd-system-'));
  const dataDir = path.join(dir, 'data');
  const system = await startSystem({ dataDir, mediaRoots: [dir], threads: 1, ...options });
  const client = await createRpcClient(diarizationV1.DiarizationServiceClient, system.server);
  const messaging = await connectMessaging({ urls: [system.natsUrl], name: 'avd-test' });
  const store: JobStore = jobStore(messaging);
  const job = async (id: string): Promise<SeenJob | undefined> => {
    const found = await store.get(id);
    return found && (JSON.parse(Buffer.from(found.value).toString('utf8')) as SeenJob);
  };
  return {
    ...{ dir, system, client, job },
    async submit(id, input, chunkFrames) {
      await client.call(
        'createDiarizationJob',
        diarizationV1.CreateDiarizationJobRequest.fromPartial({
          diarizationJobId: id,
          diarizationJob: {
            source: { $case: 'uri', value: pathToFileURL(input).href },
            config: { chunkFrames },
          },
        }),
      );
    },
    async until(id, is, limitSec = 240) {
      const limitMs = performance.now() + limitSec * 1000;
      for (;;) {
        const seen = await job(id);
        if (seen !== undefined && is(seen)) return seen;
        if (performance.now() > limitMs) {
          throw new Error(`The job ${id} is still ${JSON.stringify(seen)} after ${limitSec} s.`);
        }
        await pause(10);
      }
    },
    async filesOf(id) {
      const name = `diarizationJobs/${id}/diarization`;
      const texts = await Promise.all(
        RESULT_FILES.map(async (file) => {
          const parts: Uint8Array[] = [];
          const request = { name, format: FORMATS[file] };
          for await (const { data } of client.stream('exportDiarization', request))
            parts.push(data);
          return [file, Buffer.concat(parts).toString('utf8')];
        }),
      );
      return Object.fromEntries(texts) as ResultFiles;
    },
    async untilIdle(limitSec) {
      const limitMs = performance.now() + limitSec * 1000;
      for (const { service, address } of system.processes) {
        if (service === 'nats' || service === 'orchestrator') continue;
        await using stage = await createRpcClient(stageV1.StageInfoServiceClient, address);
        for (;;) {
          const { busySlots } = await stage.call('getStageInfo', {});
          if (busySlots === 0) break;
          if (performance.now() > limitMs)
            throw new Error(`${service} still has ${busySlots} tasks.`);
          await pause(10);
        }
      }
    },
    forgetResults: () =>
      rm(path.join(dataDir, 'blobs', 'pointer'), { recursive: true, force: true }),
    async [Symbol.asyncDispose]() {
      client.close();
      await messaging.close();
      await system.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export function isOver({ state }: SeenJob): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}
