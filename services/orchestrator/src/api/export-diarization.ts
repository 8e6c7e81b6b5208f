import { diarizationV1 } from '@avd/contracts';
import { findDiarizationFormat, type DiarizationFormat } from '@avd/domain';
import type { BlobStore } from '@avd/stage-kit';
import type { JobRecord } from '../job/job-record.js';
import { invalidField } from './api-errors.js';
import { recordingOf } from '../job/job-facts.js';
import { readDocument, resultFile } from './result-files.js';

const { DiarizationFormat: Format } = diarizationV1;

/** Bytes of one message: far below the 4 MiB that a client takes. */
const PIECE_BYTES = 256 * 1024;
const JSON_TYPE = 'application/json';

type ExportFormat =
  /** A file that the job has written. */
  | { readonly stored: string; readonly extension: string; readonly mediaType: string }
  /** Made of diarization.json now. */
  | DiarizationFormat;

function domainFormat(name: string): DiarizationFormat {
  return findDiarizationFormat(name)!;
}

const rttm = domainFormat('rttm');
const FORMATS: ReadonlyMap<diarizationV1.DiarizationFormat, ExportFormat> = new Map<
  diarizationV1.DiarizationFormat,
  ExportFormat
>([
  [Format.RTTM, { ...rttm, stored: 'result.rttm' }],
  [Format.VTT, domainFormat('vtt')],
  [Format.SRT, domainFormat('srt')],
  [Format.CTM, domainFormat('ctm')],
  [Format.AUDACITY, domainFormat('audacity')],
  [Format.TEXTGRID, domainFormat('textgrid')],
  [Format.EAF, domainFormat('eaf')],
  [Format.VIA, { stored: 'result.json', extension: '.via.json', mediaType: JSON_TYPE }],
  [
    Format.JSON,
    { stored: 'diarization.json', extension: '.diarization.json', mediaType: JSON_TYPE },
  ],
]);

/** @throws AvdError invalidInput INVALID_FIELD */
export function exportFormat(format: diarizationV1.DiarizationFormat): ExportFormat {
  const found = FORMATS.get(format);
  if (found === undefined) throw invalidField('format', 'must be one of the formats');
  return found;
}

/**
 * The result as a file. What the job has written comes byte for byte.
 * @throws AvdError precondition NO_RESULT; those of the blob store
 */
export async function* exportDiarization(
  record: JobRecord,
  format: ExportFormat,
  blobs: BlobStore,
  signal: AbortSignal,
): AsyncGenerator<diarizationV1.ExportDiarizationResponse, void, undefined> {
  const content =
    'stored' in format
      ? blobs.open(resultFile(record, format.stored).sha256, signal)
      : [Buffer.from(format.write(await readDocument(record, blobs, signal)))];
  const { mediaType } = format;
  let head = { mediaType, fileName: `${recordingOf(record)}${format.extension}` };
  for await (const data of pieces(content)) {
    yield { ...head, data: Buffer.from(data.buffer, data.byteOffset, data.length) };
    head = { mediaType: '', fileName: '' };
  }
  if (head.fileName !== '') yield { ...head, data: Buffer.alloc(0) };
}

async function* pieces(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of content) {
    for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
      yield bytes.subarray(offset, offset + PIECE_BYTES);
    }
  }
}
