import { configToChoices, durationToSec, stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { resolveSettings, resultFiles, SETTINGS_VOCABULARY } from '@avd/pipeline';
import { recordingFacts, toArtifactRef, type TaskHandler } from '@avd/stage-host';
import type { MediaInfo } from '@avd/stage-kit';
import { executionSince, type MediaTaskOptions } from './prepare-media.js';

const FILE_TYPES: Readonly<Record<string, string>> = {
  'result.rttm': 'text/plain',
  'result.json': 'application/json',
  'diarization.json': 'application/json',
};

/** `media.AssembleResult`: the files of a job, byte for byte those of a run in one process. */
export function assembleResultHandler({
  blobs,
  artifacts,
}: Pick<MediaTaskOptions, 'blobs' | 'artifacts'>): TaskHandler {
  return async (message, { signal }) => {
    const startedMs = performance.now();
    const request = message as stageV1.AssembleResultRequest;
    const { media, inputs, recording, config, notices, fileName } = request;
    if (media === undefined || config === undefined) {
      throw new AvdError(
        'invalidInput',
        'FIELD_MISSING',
        'The fields media and config are required.',
      );
    }
    const results: Record<string, unknown[]> = {};
    for (const step of Object.keys(inputs)) {
      const addresses = await artifacts.addressesOf(inputs[step]!, signal);
      results[step] = await artifacts.readAll(addresses, signal);
    }
    const { files } = resultFiles(
      {
        ...{ recording, notices, info: infoOf(media) },
        results,
        settings: resolveSettings(configToChoices(config, SETTINGS_VOCABULARY)),
      },
      fileName,
    );
    const refs: Record<string, stageV1.ArtifactRef> = {};
    for (const [name, text] of Object.entries(files)) {
      const type = FILE_TYPES[name] ?? 'text/plain';
      refs[name] = toArtifactRef(await blobs.put(Buffer.from(text), type, signal));
    }
    const ref = await artifacts.write(stageV1.AssembleResultResult.toJSON({ files: refs }), signal);
    return { artifact: toArtifactRef(ref), execution: executionSince(startedMs) };
  };
}

function infoOf(media: stageV1.MediaRef): MediaInfo {
  const { duration } = media;
  return {
    ...recordingFacts(media),
    durationSec: duration === undefined ? 0 : durationToSec(duration),
  };
}
