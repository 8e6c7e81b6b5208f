import { formatDuration, formatPercent } from './clock.js';
import { byId, make } from './dom.js';
import type { PageSpeaker } from './corrections.js';
import type { Player } from './player.js';
import { statisticsOf, type SpeakerStatistics } from './statistics.js';
import type { Store } from './store.js';
import { onThemeChange, speakerColour } from './theme.js';
import { turnsByMoment } from './face-at.js';

/** Picture of a speaker, or a drawn ear for somebody only heard. */
export function portrait(picture: string | undefined, speakerId: number): HTMLElement {
  const frame = make('span', { class: 'portrait' });
  frame.style.setProperty('--colour', speakerColour(speakerId));
  if (picture === undefined) {
    frame.append(make('span', { class: 'heard', text: '♪', attributes: { title: 'only heard' } }));
  } else {
    frame.append(make('img', { attributes: { src: picture, alt: '', width: '96', height: '96' } }));
  }
  return frame;
}

/** Names of the lanes, and who is speaking now. */
export function createSpeakersView(
  pictures: ReadonlyMap<number, string>,
  store: Store,
  player: Player,
  openSpeaker: (speakerId: number) => void,
): void {
  const list = byId('lane-names', HTMLOListElement);
  const now = byId('now', HTMLElement);
  let turns = turnsByMoment(store.state.conversation);
  let shownNow = '';

  const row = (speaker: PageSpeaker, { talkSec, share }: SpeakerStatistics): HTMLElement => {
    const button = make(
      'button',
      {
        class: 'lane-name',
        attributes: {
          type: 'button',
          'data-speaker': String(speaker.speakerId),
          'aria-label': `${speaker.label}: rename or merge`,
        },
      },
      [
        portrait(pictures.get(speaker.speakerId), speaker.speakerId),
        make('span', { class: 'lane-text' }, [
          make('span', { class: 'lane-label', text: speaker.label }),
          make('span', {
            class: 'lane-figures',
            text: `${formatDuration(talkSec)} · ${formatPercent(share)}`,
          }),
        ]),
      ],
    );
    button.addEventListener('click', () => openSpeaker(speaker.speakerId));
    return make('li', {}, [button]);
  };
  const showList = (): void => {
    const { conversation } = store.state;
    const figures = statisticsOf(conversation).speakers;
    const rows = conversation.speakers.map((speaker, i) => row(speaker, figures[i]!));
    list.replaceChildren(...rows);
  };
  const showNow = (timeSec: number): void => {
    const { speakers } = store.state.conversation;
    const speaking = new Set(turns.at(timeSec).map(({ speakerId }) => speakerId));
    const people = speakers.filter(({ speakerId }) => speaking.has(speakerId));
    const key = JSON.stringify(people);
    if (key === shownNow) return;
    shownNow = key;
    for (const button of list.querySelectorAll<HTMLElement>('.lane-name')) {
      button.classList.toggle('speaking', speaking.has(Number(button.dataset['speaker'])));
    }
    now.replaceChildren(
      ...(people.length === 0
        ? [make('span', { class: 'nobody', text: 'Nobody is speaking' })]
        : people.map(({ speakerId, label }) =>
            make('span', { class: 'chip' }, [
              portrait(pictures.get(speakerId), speakerId),
              make('span', { text: label }),
            ]),
          )),
    );
  };
  const showAll = (): void => {
    showList();
    shownNow = '';
    showNow(player.timeSec());
  };

  store.listen(({ conversation }, before) => {
    if (conversation === before.conversation) return;
    turns = turnsByMoment(conversation);
    showAll();
  });
  player.onMoment(showNow);
  onThemeChange(showAll);
  showAll();
}
