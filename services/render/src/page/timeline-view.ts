import { formatClock } from './clock.js';
import { moveTurn } from './corrections.js';
import { byId, drawSoon, fitCanvas } from './dom.js';
import { LANE_PX, lanesOf, RULER_PX } from './lanes.js';
import { createOverview } from './overview-view.js';
import type { Player } from './player.js';
import type { ReportData } from './report-data.js';
import type { Store } from './store.js';
import { onThemeChange, readTheme } from './theme.js';
import { drawTimeline, loudnessSteps, turnAt, type TimelinePicture } from './timeline-drawing.js';
import { followPointers } from './timeline-pointers.js';
import {
  centreOn,
  fitAll,
  panBy,
  resize,
  reveal,
  timeAt,
  xOf,
  zoomAt,
  type TimeView,
} from './time-view.js';

/** What the keyboard and the rest of the page may ask of the timeline. */
export interface Timeline {
  zoom(factor: number): void;
  showAll(): void;
  /** Makes the moment visible. */
  reveal(timeSec: number): void;
}

/** The lanes: drawn on a canvas as large as the window of the list, whatever the number of speakers and hours. */
export function createTimeline(data: ReportData, store: Store, player: Player): Timeline {
  const scroller = byId('lanes', HTMLElement);
  const plot = byId('plot', HTMLElement);
  const canvas = byId('timeline', HTMLCanvasElement);
  const playhead = byId('playhead', HTMLElement);
  const follow = byId('follow', HTMLInputElement);
  const tip = byId('tip', HTMLElement);
  const { durationSec } = data.document;
  const shotStartsSec = data.document.shots.map(({ startSec }) => startSec).slice(1);
  const loudness = loudnessSteps(data.loudness);
  let view = fitAll(Math.max(1, plot.clientWidth), durationSec);
  let lanes = lanesOf(store.state.conversation);
  let theme = readTheme();

  const heightPx = (): number =>
    Math.max(RULER_PX, Math.min(scroller.clientHeight, RULER_PX + lanes.length * LANE_PX));
  const picture = (): TimelinePicture => ({
    view,
    lanes,
    shotStartsSec,
    loudness,
    selectedTurnId: store.state.selectedTurnId,
    heightPx: heightPx(),
    scrollTopPx: scroller.scrollTop,
    theme,
  });
  const placePlayhead = (): void => {
    const x = xOf(view, player.timeSec());
    playhead.hidden = x < -1 || x > view.widthPx + 1;
    playhead.style.transform = `translateX(${x.toFixed(1)}px)`;
  };
  const draw = drawSoon(() => {
    const height = heightPx();
    plot.style.height = `${height}px`;
    drawTimeline(fitCanvas(canvas, view.widthPx, height), picture());
    placePlayhead();
    overview.draw(view, lanes, theme);
  });
  const setView = (next: TimeView): void => {
    view = next;
    draw();
  };
  const overview = createOverview(durationSec, {
    centre: (timeSec) => setView(centreOn(view, timeSec)),
    seek: (timeSec) => player.seek(timeSec),
  });

  /** Tells hands-free readers where the playhead is; not on every picture. */
  const describeMoment = (timeSec: number): void => {
    const now = String(Math.round(timeSec));
    if (canvas.getAttribute('aria-valuenow') === now) return;
    const names = store.state.conversation.speakers
      .filter(({ speakerId }) =>
        lanes.some(
          (lane) =>
            lane.speaker.speakerId === speakerId &&
            lane.turns.some((turn) => turn.startSec <= timeSec && timeSec < turn.endSec),
        ),
      )
      .map(({ label }) => label);
    canvas.setAttribute('aria-valuenow', now);
    canvas.setAttribute(
      'aria-valuetext',
      `${formatClock(timeSec)}, ${names.length === 0 ? 'nobody speaks' : `${names.join(' and ')} speaking`}`,
    );
  };
  canvas.setAttribute('aria-valuemax', String(Math.round(durationSec)));

  followPointers(canvas, {
    edgeAt: (x, y, reachPx) => turnAt(picture(), x, y, reachPx)?.edge,
    startEdge: () => store.startDrag(),
    moveEdge: (edge, x) => {
      const turn = selectedTurn(store);
      if (turn === undefined) return;
      const timeSec = timeAt(view, x);
      const [startSec, endSec] =
        edge === 'start' ? [timeSec, turn.endSec] : [turn.startSec, timeSec];
      store.correct(moveTurn(store.state.conversation, turn.turnId, startSec, endSec));
    },
    endEdge: () => store.endDrag(),
    scrub: (x) => player.seek(timeAt(view, x)),
    isRuler: (y) => y < RULER_PX,
    pan: (px) => setView(panBy(view, px)),
    zoom: (factor, x) => setView(zoomAt(view, factor, x)),
    click: (x, y) => {
      player.seek(timeAt(view, x));
      store.select(turnAt(picture(), x, y, 0)?.turn.turnId);
    },
    hover: (x, y) => {
      const hit = x === undefined ? undefined : turnAt(picture(), x, y, 0)?.turn;
      tip.hidden = hit === undefined;
      if (hit === undefined || x === undefined) return;
      const speaker = lanes.find((lane) => lane.speaker.speakerId === hit.speakerId)!.speaker;
      tip.textContent = `${speaker.label}  ${formatClock(hit.startSec, 1)} – ${formatClock(hit.endSec, 1)}  ${Math.round(100 * hit.confidence)} % sure`;
      const left = Math.max(0, Math.min(x + 12, view.widthPx - tip.offsetWidth));
      tip.style.transform = `translate(${left}px, ${y + 18}px)`;
    },
  });

  player.onMoment((timeSec) => {
    const isPlaying = !player.element.paused;
    const next = follow.checked && isPlaying ? reveal(view, timeSec) : view;
    if (next !== view) setView(next);
    else placePlayhead();
    describeMoment(timeSec);
  });
  store.listen(({ conversation }, before) => {
    if (conversation !== before.conversation) lanes = lanesOf(conversation);
    draw();
  });
  scroller.addEventListener('scroll', draw, { passive: true });
  new ResizeObserver(() => {
    const isAll = view.secPerPx * view.widthPx >= durationSec - 1e-6;
    const widthPx = Math.max(1, plot.clientWidth);
    setView(isAll ? fitAll(widthPx, durationSec) : resize(view, widthPx));
  }).observe(plot);
  new ResizeObserver(draw).observe(scroller);
  onThemeChange(() => {
    theme = readTheme();
    draw();
  });
  draw();

  const zoom = (factor: number): void => {
    const x = xOf(view, player.timeSec());
    setView(zoomAt(view, factor, x >= 0 && x <= view.widthPx ? x : view.widthPx / 2));
  };
  const showAll = (): void => setView(fitAll(view.widthPx, durationSec));
  byId('zoom-in', HTMLButtonElement).addEventListener('click', () => zoom(2));
  byId('zoom-out', HTMLButtonElement).addEventListener('click', () => zoom(0.5));
  byId('zoom-all', HTMLButtonElement).addEventListener('click', showAll);
  return {
    zoom,
    showAll,
    reveal: (timeSec) => {
      setView(reveal(view, timeSec));
    },
  };
}

function selectedTurn(store: Store) {
  const { conversation, selectedTurnId } = store.state;
  return conversation.turns.find(({ turnId }) => turnId === selectedTurnId);
}
