import { labelProblem, mergeSpeakers, renameSpeaker } from './corrections.js';
import { byId, make } from './dom.js';
import { announce } from './announce.js';
import { portrait } from './speakers-view.js';
import type { Store } from './store.js';

/** The window in which a speaker is renamed or merged. @returns opens it */
export function createSpeakerDialog(
  pictures: ReadonlyMap<number, string>,
  store: Store,
): (speakerId: number) => void {
  const dialog = byId('speaker-dialog', HTMLDialogElement);
  const name = byId('speaker-name', HTMLInputElement);
  const problem = byId('speaker-problem', HTMLElement);
  const others = byId('merge-into', HTMLSelectElement);
  const mergePart = byId('merge-part', HTMLElement);
  let speakerId = -1;

  byId('rename-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const { conversation } = store.state;
    const what = labelProblem(conversation, speakerId, name.value);
    problem.textContent = what ?? '';
    name.setAttribute('aria-invalid', String(what !== undefined));
    if (what !== undefined) {
      const same = conversation.speakers.find(({ label }) => label === name.value.trim());
      if (same !== undefined) others.value = String(same.speakerId);
      return;
    }
    store.correct(renameSpeaker(conversation, speakerId, name.value));
    announce(`Renamed to ${name.value.trim()}.`);
    dialog.close();
  });
  byId('merge-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const { conversation } = store.state;
    const into = conversation.speakers.find((other) => String(other.speakerId) === others.value);
    if (into === undefined) return;
    store.correct(mergeSpeakers(conversation, speakerId, into.speakerId));
    announce(`Merged into ${into.label}.`);
    dialog.close();
  });
  byId('speaker-close', HTMLButtonElement).addEventListener('click', () => dialog.close());

  return (id) => {
    const { speakers } = store.state.conversation;
    const speaker = speakers.find((other) => other.speakerId === id);
    if (speaker === undefined) return;
    speakerId = id;
    name.value = speaker.label;
    name.setAttribute('aria-invalid', 'false');
    problem.textContent = '';
    byId('speaker-portrait', HTMLElement).replaceChildren(portrait(pictures.get(id), id));
    const choices = speakers.filter((other) => other.speakerId !== id);
    others.replaceChildren(
      ...choices.map((other) =>
        make('option', { text: other.label, attributes: { value: String(other.speakerId) } }),
      ),
    );
    mergePart.hidden = choices.length === 0;
    dialog.showModal();
    name.select();
  };
}
