import type { Player } from './player.js';
import type { Store } from './store.js';
import type { Timeline } from './timeline-view.js';
import type { TurnEditor } from './turn-editor.js';
import { byId } from './dom.js';

export interface KeyboardTargets {
  readonly store: Store;
  readonly player: Player;
  readonly timeline: Timeline;
  readonly editor: TurnEditor;
  openSpeaker(speakerId: number): void;
  save(): void;
}

const JUMP_SEC = 1;
const LONG_JUMP_SEC = 10;

/** Keys for everything; the help window lists them. */
export function listenToKeys(targets: KeyboardTargets): void {
  const { store, player, timeline, editor } = targets;
  const help = byId('help', HTMLDialogElement);
  byId('help-open', HTMLButtonElement).addEventListener('click', () => help.showModal());
  byId('help-close', HTMLButtonElement).addEventListener('click', () => help.close());
  const boxes = byId('show-boxes', HTMLInputElement);

  /** Goes to the start of the next or the previous turn. */
  const goToTurn = (direction: 1 | -1): void => {
    const { turns } = store.state.conversation;
    const nowSec = player.timeSec();
    const turn =
      direction === 1
        ? turns.find(({ startSec }) => startSec > nowSec + 0.02)
        : turns.findLast(({ startSec }) => startSec < nowSec - 0.25);
    if (turn === undefined) return;
    store.select(turn.turnId);
    player.seek(turn.startSec);
    timeline.reveal(turn.startSec);
  };
  const seekBy = (jumpSec: number): void => {
    const timeSec = Math.max(0, player.timeSec() + jumpSec);
    player.seek(timeSec);
    timeline.reveal(timeSec);
  };
  const openSelected = (): void => {
    const { conversation, selectedTurnId } = store.state;
    const turn = conversation.turns.find(({ turnId }) => turnId === selectedTurnId);
    if (turn !== undefined) targets.openSpeaker(turn.speakerId);
  };
  const keys: Readonly<Record<string, () => void>> = {
    ' ': () => player.toggle(),
    k: () => player.toggle(),
    ArrowLeft: () => seekBy(-JUMP_SEC),
    ArrowRight: () => seekBy(JUMP_SEC),
    'shift+ArrowLeft': () => seekBy(-LONG_JUMP_SEC),
    'shift+ArrowRight': () => seekBy(LONG_JUMP_SEC),
    ',': () => player.stepFrames(-1),
    '.': () => player.stepFrames(1),
    Home: () => seekBy(-Infinity),
    n: () => goToTurn(1),
    p: () => goToTurn(-1),
    '+': () => timeline.zoom(2),
    '=': () => timeline.zoom(2),
    '-': () => timeline.zoom(0.5),
    '0': () => timeline.showAll(),
    b: () => boxes.click(),
    '[': () => editor.setBoundary('start'),
    ']': () => editor.setBoundary('end'),
    a: () => editor.add(),
    r: openSelected,
    Delete: () => editor.remove(),
    Escape: () => store.select(undefined),
    '?': () => help.showModal(),
    'ctrl+z': () => store.undo(),
    'ctrl+shift+z': () => store.redo(),
    'ctrl+y': () => store.redo(),
    'ctrl+s': () => targets.save(),
  };
  document.addEventListener('keydown', (event) => {
    const action = keys[keyName(event)];
    if (action === undefined || belongsToElement(event)) return;
    event.preventDefault();
    action();
  });
}

function keyName(event: KeyboardEvent): string {
  const isLetter = event.key.length === 1;
  const key = isLetter ? event.key.toLowerCase() : event.key;
  const ctrl = event.ctrlKey || event.metaKey ? 'ctrl+' : '';
  // Shift is part of "?" and "+" already.
  const shift = event.shiftKey && (!isLetter || ctrl !== '') ? 'shift+' : '';
  return event.altKey ? '' : `${ctrl}${shift}${key}`;
}

/** Typing into a field, a pressed button and an open window keep their keys. */
function belongsToElement(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  if (document.querySelector('dialog[open]') !== null) return true;
  if (target.matches('select')) return !event.ctrlKey && !event.metaKey;
  if (target.matches('input:not([type=checkbox])')) return true;
  if (target.matches('audio, video')) return event.key === ' ' || event.key.startsWith('Arrow');
  return event.key === ' ' && target.matches('button, input');
}
