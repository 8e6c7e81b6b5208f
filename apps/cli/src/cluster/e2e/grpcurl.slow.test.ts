import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { findGrpcurl } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasNats, makeClip, openSystemBench, type SystemBench } from './system-bench.js';

const grpcurl = hasNats ? findGrpcurl() : undefined;
const API = 'avdiarization.v1.DiarizationService';

/** The session of the README, without any proto file. */
describe.skipIf(grpcurl === undefined)(
  'grpcurl (needs Go and nats-server)',
  { timeout: 240_000 },
  () => {
    let bench: SystemBench;
    let uri: string;
    beforeAll(async () => {
      bench = await openSystemBench();
      const input = path.join(bench.dir, 'clip.mp4');
      await makeClip(input, 6, 4);
      uri = pathToFileURL(input).href;
    }, 240_000);
    afterAll(() => bench?.[Symbol.asyncDispose]());

    const run = async (
      address: string,
      args: readonly string[],
      data?: object,
    ): Promise<string> => {
      const request = data === undefined ? [] : ['-d', JSON.stringify(data)];
      const all = ['-plaintext', ...request, address, ...args];
      return (await promisify(execFile)(grpcurl!, all, { maxBuffer: 1 << 26 })).stdout;
    };
    const api = (method: string, data: object): Promise<string> =>
      run(bench.system.server, [`${API}/${method}`], data);
    const stage = (service: string): string =>
      bench.system.processes.find((each) => each.service === service)!.address;

    it('lists, describes, creates, watches and gets', async () => {
      expect(await run(bench.system.server, ['list'])).toContain(`${API}\n`);
      expect(
        await run(bench.system.server, ['describe', 'avdiarization.v1.DiarizationJob']),
      ).toContain('.google.rpc.Status error =');
      const created = JSON.parse(
        await api('CreateDiarizationJob', {
          diarization_job: { uri },
          diarization_job_id: 'by-hand',
        }),
      ) as { name: string };
      expect(created.name).toBe('diarizationJobs/by-hand');
      const watched = await api('WatchDiarizationJob', { name: created.name });
      expect(watched).toContain('"state": "STATE_SUCCEEDED"');
      expect(watched).toContain('"step": "readLips"');
      const got = await api('GetDiarization', { name: `${created.name}/diarization` });
      expect(JSON.parse(got)).toMatchObject({ recording: 'clip' });
    });

    it('decodes the reason of an error', async () => {
      const wrong = { name: 'diarizationJobs/nobody-knows' };
      await expect(api('GetDiarizationJob', wrong)).rejects.toMatchObject({
        stderr: expect.stringContaining('JOB_NOT_FOUND') as string,
      });
    });

    it('calls a stage alone, with progress and a result', async () => {
      const speech = await run(stage('vad'), ['avdiarization.stage.v1.VadService/DetectSpeech'], {
        media: { uri },
        params: { detector: 'silero' },
      });
      expect(speech).toContain('"progress"');
      expect(speech).toContain('"startOffset"');
      const faces = await run(
        stage('face-track'),
        ['avdiarization.stage.v1.FaceTrackService/DetectFaces'],
        {
          media: { uri },
          detect_every: 4,
        },
      );
      const artifact = /"sha256": "([0-9a-f]{64})"/.exec(faces)![1]!;
      const frameCount = Number(/"frameCount": "(\d+)"/.exec(faces)![1]);
      const linked = await run(
        stage('face-track'),
        ['avdiarization.stage.v1.FaceTrackService/LinkTracks'],
        {
          media: { uri },
          inputs: { detectFaces: { artifacts: [{ sha256: artifact }] } },
          frame_count: frameCount,
          params: {
            cut_threshold: 27,
            min_shot_frames: 15,
            min_track_frames: 20,
            max_gap_frames: 25,
            min_face_size_px: 20,
            min_iou: 0.5,
            smoothing: { kernel_frames: 13, edges: 'repeat' },
          },
        },
      );
      // The job has done this already: without its results the call has to work.
      await bench.forgetResults();
      const tracks = /"sha256": "([0-9a-f]{64})"/.exec(linked)![1]!;
      const lips = await run(stage('syncnet'), ['avdiarization.stage.v1.SyncNetService/ReadLips'], {
        media: { uri },
        inputs: { linkTracks: { artifacts: [{ sha256: tracks }] } },
        asd: 'lips',
      });
      expect(lips).toContain('"progress"');
      expect(Number(/"trackCount": (\d+)/.exec(lips)![1])).toBeGreaterThan(0);
    });
  },
);
