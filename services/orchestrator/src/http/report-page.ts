import { recordingType } from '@avd/domain';
import { reportHtml, type DiarizationDocument } from '@avd/render';
import type { BlobStore } from '@avd/stage-kit';
import { readDocument } from '../api/result-files.js';
import type { Logger } from '@avd/telemetry';
import type { JobRecord } from '../job/job-record.js';
import type { BuildReport } from '../media/build-report.js';
import type { Page } from './page.js';

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

export interface ReportPageOptions {
  readonly blobs: BlobStore;
  /** Makes the report with portraits. @default there are none */
  readonly buildReport?: BuildReport;
  readonly logger: Logger;
}

/**
 * The report of a job that has succeeded: the one it has, else one made now; without portraits where the recording can no
 * longer be read.
 */
export async function reportPage(
  record: JobRecord,
  { blobs, buildReport, logger }: ReportPageOptions,
  signal: AbortSignal,
): Promise<Page> {
  const ready = record.files?.[REPORT_FILE];
  if (ready !== undefined) {
    const html = Buffer.from(await blobs.get(ready.sha256, signal)).toString('utf8');
    return { html, policy: REPORT_POLICY };
  }
  if (buildReport !== undefined) {
    try {
      return { html: await buildReport(record, signal), policy: REPORT_POLICY };
    } catch (error) {
      signal.throwIfAborted();
      logger.warn('a report is shown without portraits', { job: record.id, error });
    }
  }
  const html = plainReport(record, await readDocument(record, blobs, signal));
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
