import { byId, fitCanvas } from './dom.js';
import type { Lane } from './lanes.js';
import { speakerColour, type Theme } from './theme.js';
import { fitAll, xOf, type TimeView } from './time-view.js';

export interface Overview {
  draw(view: TimeView, lanes: readonly Lane[], theme: Theme): void;
}

/** The whole recording in one strip, with a frame around what the timeline shows. Pressing or dragging goes there. */
export function createOverview(
  durationSec: number,
  actions: { centre(timeSec: number): void; seek(timeSec: number): void },
): Overview {
  const canvas = byId('overview', HTMLCanvasElement);
  const goTo = (event: PointerEvent): number => {
    const { left, width } = canvas.getBoundingClientRect();
    const timeSec = (Math.max(0, Math.min(width, event.clientX - left)) / width) * durationSec;
    actions.centre(timeSec);
    return timeSec;
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    actions.seek(goTo(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) goTo(event);
  });

  /** Turns of all lanes change seldom: kept as a picture. */
  let kept: { lanes: readonly Lane[]; isDark: boolean; picture: HTMLCanvasElement } | undefined;
  return {
    draw(view, lanes, theme) {
      const { width, height } = canvas.getBoundingClientRect();
      if (width === 0) return;
      const isKept =
        kept?.lanes === lanes &&
        kept.isDark === theme.isDark &&
        kept.picture.width === Math.round(width * (window.devicePixelRatio || 1));
      if (!isKept) {
        kept = { lanes, isDark: theme.isDark, picture: document.createElement('canvas') };
        drawLanes(fitCanvas(kept.picture, width, height), lanes, width, height, durationSec, theme);
      }
      const context = fitCanvas(canvas, width, height);
      context.drawImage(kept!.picture, 0, 0, width, height);
      const all = fitAll(width, durationSec);
      const left = xOf(all, view.startSec);
      const frameWidth = (view.widthPx * view.secPerPx * width) / durationSec;
      context.fillStyle = theme.panel;
      context.globalAlpha = 0.6;
      context.fillRect(0, 0, left, height);
      context.fillRect(left + frameWidth, 0, width - left - frameWidth, height);
      context.globalAlpha = 1;
      context.strokeStyle = theme.accent;
      context.lineWidth = 2;
      context.strokeRect(left + 1, 1, Math.max(2, frameWidth - 2), height - 2);
    },
  };
}

function drawLanes(
  context: CanvasRenderingContext2D,
  lanes: readonly Lane[],
  width: number,
  height: number,
  durationSec: number,
  theme: Theme,
): void {
  const laneHeight = (height - 4) / Math.max(1, lanes.length);
  for (const [i, { speaker, turns }] of lanes.entries()) {
    context.fillStyle = speakerColour(speaker.speakerId, theme.isDark);
    let drawnTo = -1;
    for (const { startSec, endSec } of turns) {
      const left = (startSec / durationSec) * width;
      const right = Math.max(left + 1, (endSec / durationSec) * width);
      if (right <= drawnTo) continue;
      drawnTo = right;
      context.fillRect(left, 2 + i * laneHeight, right - left, Math.max(1, laneHeight - 1));
    }
  }
}
