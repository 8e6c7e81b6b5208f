import { FRAMES_PER_SEC } from '@avd/domain';
import { byId } from './dom.js';
import type { ReportMedia } from './report-data.js';

/** The video or sound of the page and its clock. */
export interface Player {
  readonly element: HTMLMediaElement;
  timeSec(): number;
  seek(timeSec: number): void;
  toggle(): void;
  stepFrames(count: number): void;
  /** Called whenever the shown moment may have changed: on every picture while playing. */
  onMoment(listener: (timeSec: number) => void): void;
}

export function createPlayer(media: ReportMedia, durationSec: number): Player {
  const element = byId(media.picture === undefined ? 'audio' : 'video', HTMLMediaElement);
  element.hidden = false;
  setSource(element, media);
  const listeners: ((timeSec: number) => void)[] = [];
  const tell = (): void => {
    for (const listener of listeners) listener(element.currentTime);
  };
  let isRunning = false;
  const run = (): void => {
    tell();
    isRunning = !element.paused && !element.ended;
    if (isRunning) requestAnimationFrame(run);
  };
  element.addEventListener('play', () => {
    if (!isRunning) run();
  });
  for (const event of ['timeupdate', 'seeking', 'seeked', 'loadeddata', 'pause']) {
    element.addEventListener(event, tell);
  }
  const seek = (timeSec: number): void => {
    element.currentTime = Math.max(0, Math.min(durationSec, timeSec));
  };
  return {
    element,
    timeSec: () => element.currentTime,
    seek,
    toggle: () => {
      if (!element.paused) element.pause();
      // Refused where there is nothing to play; the page says so already.
      else element.play().catch(() => undefined);
    },
    stepFrames: (count) => {
      element.pause();
      // The middle of a frame: no rounding can then show its neighbour.
      const frame = Math.floor(element.currentTime * FRAMES_PER_SEC + 1e-6) + count;
      seek((frame + 0.5) / FRAMES_PER_SEC);
    },
    onMoment: (listener) => listeners.push(listener),
  };
}

function setSource(element: HTMLMediaElement, media: ReportMedia): void {
  const missing = byId('media-missing', HTMLElement);
  const useFile = (file: Blob): void => {
    missing.hidden = true;
    element.src = URL.createObjectURL(file);
  };
  element.addEventListener('error', () => {
    missing.hidden = false;
  });
  byId('media-file', HTMLInputElement).addEventListener('change', (event) => {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (file !== undefined) useFile(file);
  });
  if (media.source === 'embedded') {
    useFile(embeddedFile(media.mimeType));
  } else {
    element.src = media.source.href;
  }
}

function embeddedFile(mimeType: string): Blob {
  const holder = byId('embedded-media', HTMLScriptElement);
  const text = atob(holder.textContent.trim());
  holder.remove();
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return new Blob([bytes], { type: mimeType });
}
