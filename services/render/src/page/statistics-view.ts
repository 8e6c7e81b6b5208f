import { formatDuration, formatPercent } from './clock.js';
import { byId, make } from './dom.js';
import { portrait } from './speakers-view.js';
import { statisticsOf } from './statistics.js';
import type { Store } from './store.js';
import { onThemeChange, speakerColour } from './theme.js';

/** Figures of the whole recording and of every speaker. */
export function createStatisticsView(pictures: ReadonlyMap<number, string>, store: Store): void {
  const cards = byId('figures', HTMLElement);
  const body = byId('statistics', HTMLTableSectionElement);

  const show = (): void => {
    const { conversation } = store.state;
    const { durationSec, speakers } = conversation;
    const all = statisticsOf(conversation);
    const part = (timeSec: number): string =>
      durationSec === 0 ? '' : formatPercent(timeSec / durationSec);
    const figures: readonly (readonly [string, string, string])[] = [
      ['Speakers', String(speakers.length), ''],
      ['Turns', String(all.turnCount), ''],
      ['Speech', formatDuration(all.speechSec), part(all.speechSec)],
      ['Silence', formatDuration(all.silenceSec), part(all.silenceSec)],
      ['Several at once', formatDuration(all.overlapSec), part(all.overlapSec)],
    ];
    cards.replaceChildren(
      ...figures.map(([name, value, share]) =>
        make('div', { class: 'figure' }, [
          make('dt', { text: name }),
          make('dd', { text: value }, [make('small', { text: share })]),
        ]),
      ),
    );
    body.replaceChildren(
      ...speakers.map(({ speakerId, label }, i) => {
        const own = all.speakers[i]!;
        const bar = make('span', { class: 'bar' });
        bar.style.setProperty('--share', String(own.share));
        bar.style.setProperty('--colour', speakerColour(speakerId));
        const cell = (text: string): HTMLElement => make('td', { text });
        return make('tr', {}, [
          make('th', { attributes: { scope: 'row' } }, [
            make('span', { class: 'who' }, [
              portrait(pictures.get(speakerId), speakerId),
              make('span', { text: label }),
            ]),
          ]),
          make('td', { class: 'share' }, [
            make('span', {}, [bar, make('span', { text: formatPercent(own.share) })]),
          ]),
          cell(formatDuration(own.talkSec)),
          cell(String(own.turnCount)),
          cell(formatDuration(own.meanTurnSec)),
          cell(formatDuration(own.longestTurnSec)),
          cell(formatDuration(own.overlapSec)),
          cell(own.turnCount === 0 ? '' : formatPercent(own.confidence)),
        ]);
      }),
    );
  };
  store.listen(({ conversation }, before) => {
    if (conversation !== before.conversation) show();
  });
  onThemeChange(show);
  show();
}
