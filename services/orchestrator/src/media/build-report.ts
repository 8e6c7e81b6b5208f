import { stageV1 } from '@avd/contracts';
import { recordingType, type FaceTrack } from '@avd/domain';
import type { ChunkStore } from '@avd/messaging';
import { reportData, reportHtml, type DiarizationDocument, type TrackSpeaking } from '@avd/render';
import { openMediaRef } from '@avd/stage-host';
import { readDocument } from '../api/result-files.js';
import type { JobRecord } from '../job/job-record.js';
import type { Jobs } from '../job/jobs.js';
import type { MediaTaskOptions } from './prepare-media.js';

export interface ReportBuilderOptions extends MediaTaskOptions {
  readonly jobs: Jobs;
  readonly chunks: ChunkStore;
}

/** Makes the report of a job that has succeeded, with portraits and face boxes; @returns its text */
export type BuildReport = (record: JobRecord, signal: AbortSignal) => Promise<string>;

/** Reports are made when they are first looked at, once, and kept among the files of the job. */
export function reportBuilder(options: ReportBuilderOptions): BuildReport {
  const building = new Map<string, Promise<string>>();
  return (record, signal) => {
    const key = `${record.id}/${record.createTime}`;
    let report = building.get(key);
    if (report === undefined) {
      report = buildReport(record, options, signal).finally(() => building.delete(key));
      building.set(key, report);
    }
    return report;
  };
}

async function buildReport(
  record: JobRecord,
  options: ReportBuilderOptions,
  signal: AbortSignal,
): Promise<string> {
  const { blobs, chunks, artifacts, jobs } = options;
  const { id, fileName } = record;
  const document = (await readDocument(record, blobs, signal)) as DiarizationDocument;
  await using media = await openMediaRef(record.media!, 'both', { ...options, signal });
  const read = async <T>(step: string, none: T): Promise<T> => {
    const ref = await chunks.get(id, step, 0);
    if (ref === undefined) return none;
    return (await artifacts.read(stageV1.ArtifactRef.decode(ref).sha256, signal)) as T;
  };
  const { tracks } = await read<{ tracks: FaceTrack[] }>('linkTracks', { tracks: [] });
  const scores = await read<{ tracks: TrackSpeaking[] }>('scoreLips', { tracks: [] });
  const data = await reportData(
    {
      ...{ document, tracks, scores: scores.tracks },
      // Seen from /jobs/ID.
      recording: {
        name: fileName,
        source: { href: `${id}/media` },
        mimeType: recordingType(fileName),
      },
    },
    media,
    signal,
  );
  const html = reportHtml(data);
  const ref = await blobs.put(Buffer.from(html), 'text/html', signal);
  await jobs.update(id, (now) =>
    now.createTime === record.createTime
      ? { ...now, files: { ...now.files, 'report.html': ref } }
      : now,
  );
  return html;
}
