export {
  diarizeVideo,
  type DiarizeVideoOptions,
  type DiarizeVideoResult,
} from './diarize-video.js';
export type { JobEvent } from './progress/reporter.js';
export { resolveSettings, type DiarizeChoices, type DiarizeSettings } from '@avd/pipeline';
