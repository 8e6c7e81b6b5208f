import { formatClock, formatDuration, formatPercent } from './clock.js';
import type { PageSpeaker, PageTurn } from './corrections.js';
import { byId, drawSoon, make } from './dom.js';
import type { Player } from './player.js';
import type { Store } from './store.js';
import { onThemeChange, speakerColour } from './theme.js';

const ROW_PX = 40;
/** Rows kept ready above and below the window. */
const SPARE_ROWS = 6;

/** All turns as a list; only the rows in sight exist, so thousands of turns cost no more than twenty. */
export function createTurnsView(
  store: Store,
  player: Player,
  onChoose: (timeSec: number) => void,
): void {
  const list = byId('turns', HTMLElement);
  const space = byId('turns-space', HTMLElement);
  const count = byId('turn-count', HTMLElement);
  const follow = byId('follow', HTMLInputElement);
  let speakers = new Map<number, PageSpeaker>();
  let currentAt = -1;
  /** Those that exist, by position. */
  const rows = new Map<number, HTMLElement>();

  const choose = (turn: PageTurn | undefined): void => {
    if (turn === undefined) return;
    store.select(turn.turnId);
    onChoose(turn.startSec);
  };
  const show = drawSoon(() => {
    const { turns } = store.state.conversation;
    const first = Math.max(0, Math.floor(list.scrollTop / ROW_PX) - SPARE_ROWS);
    const end = Math.min(
      turns.length,
      Math.ceil((list.scrollTop + list.clientHeight) / ROW_PX) + SPARE_ROWS,
    );
    for (const [index, element] of rows) {
      if (index >= first && index < end) continue;
      element.remove();
      rows.delete(index);
    }
    for (let index = first; index < end; index++) {
      if (rows.has(index)) continue;
      const element = row(turns[index]!, index, turns.length);
      rows.set(index, element);
      space.append(element);
    }
    const selected = store.state.selectedTurnId;
    if (selected === undefined) list.removeAttribute('aria-activedescendant');
    else list.setAttribute('aria-activedescendant', `turn-${selected}`);
  });
  const row = (turn: PageTurn, index: number, total: number): HTMLElement => {
    const { turnId, speakerId, startSec, endSec, confidence } = turn;
    const isSelected = turnId === store.state.selectedTurnId;
    const dot = make('span', { class: 'dot' });
    dot.style.background = speakerColour(speakerId);
    const meter = make('span', { class: 'meter', attributes: { title: 'confidence' } });
    meter.style.setProperty('--share', String(confidence));
    const element = make(
      'div',
      {
        class: `turn${index === currentAt ? ' current' : ''}`,
        attributes: {
          id: `turn-${turnId}`,
          role: 'option',
          'aria-selected': String(isSelected),
          'aria-posinset': String(index + 1),
          'aria-setsize': String(total),
        },
      },
      [
        make('span', { class: 'turn-time', text: formatClock(startSec, 1) }),
        dot,
        make('span', { class: 'turn-name', text: speakers.get(speakerId)?.label ?? '' }),
        make('span', { class: 'turn-length', text: formatDuration(endSec - startSec) }),
        meter,
        make('span', { class: 'turn-sure', text: formatPercent(confidence) }),
      ],
    );
    element.style.top = `${index * ROW_PX}px`;
    element.addEventListener('click', () => choose(turn));
    return element;
  };
  const bringIntoSight = (index: number): void => {
    const top = index * ROW_PX;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW_PX > list.scrollTop + list.clientHeight) {
      list.scrollTop = top + ROW_PX - list.clientHeight;
    }
  };

  list.addEventListener('scroll', show, { passive: true });
  list.addEventListener('keydown', (event) => {
    const { turns } = store.state.conversation;
    const at = turns.findIndex(({ turnId }) => turnId === store.state.selectedTurnId);
    const pageRows = Math.max(1, Math.floor(list.clientHeight / ROW_PX) - 1);
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + pageRows,
      PageUp: at - pageRows,
      Home: 0,
      End: turns.length - 1,
    };
    const wanted = steps[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const index = Math.max(0, Math.min(turns.length - 1, wanted));
    choose(turns[index]);
    bringIntoSight(index);
  });
  player.onMoment((timeSec) => {
    const { turns } = store.state.conversation;
    const index = lastStartedAt(turns, timeSec);
    if (index === currentAt) return;
    currentAt = index;
    if (follow.checked && !player.element.paused && index >= 0) bringIntoSight(index);
    for (const [at, element] of rows) element.classList.toggle('current', at === index);
  });
  const refresh = (): void => {
    const { conversation, selectedTurnId } = store.state;
    speakers = new Map(conversation.speakers.map((speaker) => [speaker.speakerId, speaker]));
    count.textContent = String(conversation.turns.length);
    space.style.height = `${conversation.turns.length * ROW_PX}px`;
    space.replaceChildren();
    rows.clear();
    const selected = conversation.turns.findIndex(({ turnId }) => turnId === selectedTurnId);
    if (selected >= 0) bringIntoSight(selected);
    show();
  };
  store.listen(refresh);
  onThemeChange(refresh);
  new ResizeObserver(show).observe(list);
  refresh();
}

/** Position of the last turn that has begun and not ended; -1 when there is none. */
function lastStartedAt(turns: readonly PageTurn[], timeSec: number): number {
  let low = 0;
  let high = turns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (turns[middle]!.startSec <= timeSec) low = middle + 1;
    else high = middle;
  }
  return low > 0 && timeSec < turns[low - 1]!.endSec ? low - 1 : -1;
}
