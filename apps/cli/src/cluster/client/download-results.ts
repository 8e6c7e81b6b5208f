import { writeFile } from 'node:fs/promises';
import { diarizationV1 } from '@avd/contracts';
import type { Diarization } from '@avd/domain';
import { writeResults, type ResultContent } from '../../write-results.js';
import type { JobClient } from './connect.js';
import { resultName } from './job-name.js';

const { DiarizationFormat } = diarizationV1;

/** Formats of a result by the names that `avd convert` has for them. */
export const EXPORT_FORMATS = {
  json: DiarizationFormat.JSON,
  via: DiarizationFormat.VIA,
  rttm: DiarizationFormat.RTTM,
  vtt: DiarizationFormat.VTT,
  srt: DiarizationFormat.SRT,
  ctm: DiarizationFormat.CTM,
  audacity: DiarizationFormat.AUDACITY,
  textgrid: DiarizationFormat.TEXTGRID,
  eaf: DiarizationFormat.EAF,
} as const;
export type ExportFormat = keyof typeof EXPORT_FORMATS;

/** The files that `avd diarize` writes. */
const RESULT_FILES: Readonly<Record<string, ExportFormat>> = {
  'result.rttm': 'rttm',
  'result.json': 'via',
  'diarization.json': 'json',
};

/** A result in one format, piece by piece. @throws AvdError precondition NO_RESULT; notFound JOB_NOT_FOUND */
export async function* exportResult(
  jobs: JobClient,
  jobName: string,
  format: ExportFormat,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const request = { name: resultName(jobName), format: EXPORT_FORMATS[format] };
  for await (const { data } of jobs.stream('exportDiarization', request, { signal })) yield data;
}

/** The content of diarization.json, as far as the summary needs it. */
export async function readDiarization(
  jobs: JobClient,
  jobName: string,
  signal: AbortSignal,
): Promise<Diarization> {
  const pieces: Uint8Array[] = [];
  for await (const piece of exportResult(jobs, jobName, 'json', signal)) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Diarization;
}

/** Writes the files of `avd diarize`, byte for byte as the server made them; all or none. */
export async function downloadResults(
  jobs: JobClient,
  jobName: string,
  outDir: string,
  signal: AbortSignal,
): Promise<void> {
  const files = Object.entries(RESULT_FILES).map(([file, format]): [string, ResultContent] => [
    file,
    (partialPath) => writeFile(partialPath, exportResult(jobs, jobName, format, signal)),
  ]);
  await writeResults(outDir, Object.fromEntries(files));
}
