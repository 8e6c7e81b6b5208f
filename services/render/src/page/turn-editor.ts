import { announce } from './announce.js';
import { formatClock, formatPercent, parseClock } from './clock.js';
import {
  addSpeaker,
  addTurn,
  assignTurn,
  moveTurn,
  removeTurn,
  type PageTurn,
} from './corrections.js';
import { byId, make } from './dom.js';
import type { Player } from './player.js';
import type { Store } from './store.js';

/** What the keyboard may do to the selected turn. */
export interface TurnEditor {
  /** Puts the boundary where the playhead is. */
  setBoundary(edge: 'start' | 'end'): void;
  remove(): void;
  /** A turn of two seconds at the playhead, where speech was missed. */
  add(): void;
}

const NEW_SPEAKER = 'new';
const NEW_TURN_SEC = 2;

export function createTurnEditor(store: Store, player: Player): TurnEditor {
  const form = byId('turn-editor', HTMLFormElement);
  const hint = byId('turn-hint', HTMLElement);
  const who = byId('turn-speaker', HTMLSelectElement);
  const why = byId('turn-why', HTMLElement);
  const inputs = {
    start: byId('turn-start', HTMLInputElement),
    end: byId('turn-end', HTMLInputElement),
  };
  const selected = (): PageTurn | undefined =>
    store.state.conversation.turns.find(({ turnId }) => turnId === store.state.selectedTurnId);

  const setEdge = (edge: 'start' | 'end', timeSec: number): void => {
    const turn = selected();
    if (turn === undefined) return;
    const [startSec, endSec] = edge === 'start' ? [timeSec, turn.endSec] : [turn.startSec, timeSec];
    store.correct(moveTurn(store.state.conversation, turn.turnId, startSec, endSec));
    show();
  };
  for (const edge of ['start', 'end'] as const) {
    inputs[edge].addEventListener('change', () => {
      const timeSec = parseClock(inputs[edge].value);
      inputs[edge].setAttribute('aria-invalid', String(timeSec === undefined));
      if (timeSec === undefined) announce('Write a time like 1:23.4.');
      else setEdge(edge, timeSec);
    });
    byId(`turn-${edge}-here`, HTMLButtonElement).addEventListener('click', () =>
      setEdge(edge, player.timeSec()),
    );
  }
  who.addEventListener('change', () => {
    const turn = selected();
    if (turn === undefined) return;
    const { conversation } = store.state;
    if (who.value === NEW_SPEAKER) {
      const added = addSpeaker(conversation);
      store.correct(assignTurn(added.conversation, turn.turnId, added.speakerId));
    } else {
      store.correct(assignTurn(conversation, turn.turnId, Number(who.value)));
    }
  });
  const remove = (): void => {
    const turn = selected();
    if (turn === undefined) return;
    store.correct(removeTurn(store.state.conversation, turn.turnId));
    announce('Turn deleted.');
  };
  const add = (): void => {
    const { conversation } = store.state;
    const startSec = Math.max(0, Math.min(player.timeSec(), conversation.durationSec - 0.1));
    const endSec = Math.min(conversation.durationSec, startSec + NEW_TURN_SEC);
    const speakerId = selected()?.speakerId ?? conversation.speakers[0]?.speakerId;
    const target = speakerId === undefined ? addSpeaker(conversation) : { conversation, speakerId };
    const added = addTurn(target.conversation, target.speakerId, startSec, endSec);
    store.correct(added.conversation);
    store.select(added.turnId);
    announce('Turn added.');
  };
  form.addEventListener('submit', (event) => event.preventDefault());
  byId('turn-delete', HTMLButtonElement).addEventListener('click', remove);
  byId('turn-play', HTMLButtonElement).addEventListener('click', () => {
    const turn = selected();
    if (turn === undefined) return;
    player.seek(turn.startSec);
    if (player.element.paused) player.toggle();
  });
  byId('turn-add', HTMLButtonElement).addEventListener('click', add);

  const show = (): void => {
    const turn = selected();
    form.hidden = turn === undefined;
    hint.hidden = turn !== undefined;
    if (turn === undefined) return;
    for (const edge of ['start', 'end'] as const) {
      inputs[edge].value = formatClock(edge === 'start' ? turn.startSec : turn.endSec, 2);
      inputs[edge].setAttribute('aria-invalid', 'false');
    }
    who.replaceChildren(
      ...store.state.conversation.speakers.map(({ speakerId, label }) =>
        make('option', { text: label, attributes: { value: String(speakerId) } }),
      ),
      make('option', { text: 'New speaker', attributes: { value: NEW_SPEAKER } }),
    );
    who.value = String(turn.speakerId);
    why.textContent = reasonsOf(turn);
  };
  store.listen(show);
  show();
  return { setBoundary: (edge) => setEdge(edge, player.timeSec()), remove, add };
}

/** "Confidence 93 %: lips 91 %, face 100 %, voice 87 %" */
function reasonsOf({ confidence, evidence }: PageTurn): string {
  const cues = [
    ['lips', evidence.lipSync],
    ['face', evidence.face],
    ['voice', evidence.voice],
  ] as const;
  const known = cues.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${formatPercent(value)}`],
  );
  const sure = `Confidence ${formatPercent(confidence)}`;
  return known.length === 0 ? sure : `${sure}: ${known.join(', ')}`;
}
