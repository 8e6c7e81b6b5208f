import { formatClock } from './clock.js';
import { conversationOf } from './corrections.js';
import { byId } from './dom.js';
import { listenToKeys } from './keyboard.js';
import { createPictureView } from './picture-view.js';
import { createPlayer } from './player.js';
import type { ReportData } from './report-data.js';
import { createSaving } from './save.js';
import { createSpeakerDialog } from './speaker-dialog.js';
import { createSpeakersView } from './speakers-view.js';
import { createStatisticsView } from './statistics-view.js';
import { Store } from './store.js';
import { createTimeline } from './timeline-view.js';
import { createTurnEditor } from './turn-editor.js';
import { createTurnsView } from './turns-view.js';

const data = JSON.parse(byId('report-data', HTMLScriptElement).textContent) as ReportData;
const conversation = conversationOf(data.document);
const store = new Store(conversation);
const player = createPlayer(data.media, conversation.durationSec);
const pictureOf = new Map(data.thumbnails);
const pictures = new Map(
  conversation.speakers.flatMap(({ speakerId, label }) => {
    const picture = pictureOf.get(label);
    return picture === undefined ? [] : [[speakerId, picture] as const];
  }),
);

const openSpeaker = createSpeakerDialog(pictures, store);
createPictureView(data, store, player);
createSpeakersView(pictures, store, player, openSpeaker);
const timeline = createTimeline(data, store, player);
const editor = createTurnEditor(store, player);
createTurnsView(store, player, (timeSec) => {
  player.seek(timeSec);
  timeline.reveal(timeSec);
});
createStatisticsView(pictures, store);
const save = createSaving(data, store);
listenToKeys({ store, player, timeline, editor, openSpeaker, save });

const clock = byId('clock', HTMLElement);
player.onMoment((timeSec) => {
  clock.textContent = `${formatClock(timeSec, 1)} / ${formatClock(conversation.durationSec)}`;
});
clock.textContent = `${formatClock(0, 1)} / ${formatClock(conversation.durationSec)}`;

const undo = byId('undo', HTMLButtonElement);
const redo = byId('redo', HTMLButtonElement);
undo.addEventListener('click', () => store.undo());
redo.addEventListener('click', () => store.redo());
const changed = byId('changed', HTMLElement);
store.listen(({ isChanged }) => {
  undo.disabled = !store.canUndo;
  redo.disabled = !store.canRedo;
  changed.hidden = !isChanged;
});
