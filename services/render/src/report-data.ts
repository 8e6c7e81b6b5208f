import type { Diarization, FaceTrack } from '@avd/domain';
import type { MediaReader } from '@avd/stage-kit';
import { facePath, type TrackSpeaking } from './face-path.js';
import { loudnessCode } from './loudness.js';
import type { DiarizationDocument, ReportData, ReportMedia } from './page/report-data.js';
import { speakerThumbnails } from './thumbnails/speaker-thumbnails.js';

export interface ReportInput {
  /** Content of diarization.json. */
  readonly document: DiarizationDocument;
  readonly tracks: readonly FaceTrack[];
  /** By track, in any order; tracks may be missing. */
  readonly scores: readonly TrackSpeaking[];
  /** The recording as the page reaches it. */
  readonly recording: Pick<ReportMedia, 'name' | 'source' | 'mimeType'>;
}

/**
 * Gathers what report.html shows. Decodes a few frames a speaker for the portraits and reads the sound once; what it
 * keeps grows by some 50 bytes a second of the recording.
 *
 * @throws AvdError as the media reader does; cancelled
 */
export async function reportData(
  { document, tracks, scores, recording }: ReportInput,
  media: MediaReader,
  signal: AbortSignal,
): Promise<ReportData> {
  const { video } = media.info;
  const scoreOf = new Map(scores.map((score) => [score.trackIndex, score]));
  const diarization: Diarization = document;
  return {
    document,
    media: {
      ...recording,
      ...(video && { picture: { width: video.width, height: video.height } }),
    },
    faces: tracks.map((track) => facePath(track, scoreOf.get(track.trackIndex))),
    thumbnails:
      video === undefined
        ? []
        : await speakerThumbnails({ diarization, tracks, scores, picture: video }, media, signal),
    loudness: await loudnessCode(media, signal),
  };
}
