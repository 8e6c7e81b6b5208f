import { reportHtml, type DiarizationDocument } from '@avd/render';
import type { BlobStore } from '@avd/stage-kit';
import { readDocument } from '../api/result-files.js';
import type { JobRecord } from '../job/job-record.js';
import type { Page } from './page.js';
import { recordingType } from './recording.js';

/** Name of the report among the files of a job. */
const REPORT_FILE = 'report.html';

/** The report has a stricter policy of its own inside, with the digests of its script and style; both must allow. */
const REPORT_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "media-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The report of a job that has succeeded: the one it has written, else one without portraits. */
export async function reportPage(
  record: JobRecord,
  blobs: BlobStore,
  signal: AbortSignal,
): Promise<Page> {
  const ready = record.files?.[REPORT_FILE];
  const html =
    ready === undefined
      ? plainReport(record, await readDocument(record, blobs, signal))
      : Buffer.from(await blobs.get(ready.sha256, signal)).toString('utf8');
  return { html, policy: REPORT_POLICY };
}

function plainReport(
  { id, fileName, media }: JobRecord,
  document: Awaited<ReturnType<typeof readDocument>>,
): string {
  const { width = 0, height = 0 } = media ?? {};
  return reportHtml({
    document: document as DiarizationDocument,
    media: {
      name: fileName,
      // Seen from /jobs/ID.
      source: { href: `${id}/media` },
      mimeType: recordingType(fileName),
      ...(width > 0 && height > 0 && { picture: { width, height } }),
    },
    faces: [],
    thumbnails: [],
    loudness: '',
  });
}
