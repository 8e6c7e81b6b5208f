import path from 'node:path';
import { recordingType, type FaceTrack } from '@avd/domain';
import { reportData, reportHtml, type DiarizationDocument, type TrackSpeaking } from '@avd/render';
import type { MediaReader } from '@avd/stage-kit';
import { embeddedRecording, relativeHref } from './recording-link.js';

export interface RenderReportOptions {
  /** The recording. */
  readonly input: string;
  /** Folder in which the page will lie. */
  readonly outDir: string;
  /** True puts the recording into the page; else the page links to it. @default false */
  readonly embed?: boolean;
  /** Text of diarization.json. */
  readonly document: string;
  /** `linkTracks[0].tracks` of the results; empty without pictures. */
  readonly tracks: readonly FaceTrack[];
  /** `scoreLips[0].tracks` of the results; empty without pictures or sound. */
  readonly scores: readonly TrackSpeaking[];
  /** The recording, still open. */
  readonly media: MediaReader;
  readonly signal: AbortSignal;
}

/**
 * The text of report.html: one page with the recording, a timeline, faces and figures, in which the result can be corrected.
 *
 * @throws AvdError invalidInput TOO_LARGE_TO_EMBED; as the media reader does; cancelled
 */
export async function renderReport(options: RenderReportOptions): Promise<string> {
  const { input, outDir, tracks, scores, media, signal } = options;
  const embedded = options.embed === true ? await embeddedRecording(input) : undefined;
  const recording = {
    name: path.basename(input),
    source: embedded === undefined ? { href: relativeHref(outDir, input) } : ('embedded' as const),
    mimeType: recordingType(input),
  };
  const document = JSON.parse(options.document) as DiarizationDocument;
  const data = await reportData({ document, tracks, scores, recording }, media, signal);
  return reportHtml(data, embedded);
}
