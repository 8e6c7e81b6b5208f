/** One message of a running job. */
export type JobEvent =
  | { readonly type: 'start'; readonly input: string; readonly durationSec: number }
  | {
      readonly type: 'progress';
      readonly step: string;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
    }
  /** A step is complete; `reused` of its `tasks` came from the cache. */
  | {
      readonly type: 'step';
      readonly step: string;
      readonly tasks: number;
      readonly reused: number;
      readonly elapsedSec: number;
    }
  | { readonly type: 'notice'; readonly message: string };

/** Shows a running job to somebody. */
export interface Reporter {
  event(event: JobEvent): void;
  /** Leaves the terminal in order; nothing is shown afterwards. */
  end(): void;
}

export const silentReporter: Reporter = { event: () => undefined, end: () => undefined };

/** What each step is called for people. */
export const stepTitles: Readonly<Record<string, string>> = {
  upload: 'sending the file',
  detectSpeech: 'finding speech',
  embedVoices: 'measuring voices',
  embedVoiceWindows: 'measuring voices',
  detectTrackSpeech: 'listening to faces',
  detectFaces: 'finding faces',
  linkTracks: 'following faces',
  readLips: 'reading lips',
  embedFaces: 'recognising faces',
  scoreLips: 'who moves the lips',
  diarize: 'who spoke when',
  annotateVideo: 'drawing the video',
};
