import { DIARIZATION_FORMATS, diarizationToVia, formatViaProject } from '@avd/domain';
import { announce } from './announce.js';
import { correctedDocument } from './corrected-document.js';
import { byId, make } from './dom.js';
import type { DiarizationDocument, ReportData } from './report-data.js';
import type { Store } from './store.js';

interface SaveFormat {
  readonly name: string;
  readonly title: string;
  readonly extension: string;
  readonly mediaType: string;
  write(document: DiarizationDocument): string;
}

const TITLES: Readonly<Record<string, string>> = {
  rttm: 'RTTM',
  vtt: 'WebVTT subtitles',
  srt: 'SRT subtitles',
  ctm: 'CTM',
  audacity: 'Audacity labels',
  textgrid: 'Praat TextGrid',
  eaf: 'ELAN',
};

function saveFormats(mediaName: string): SaveFormat[] {
  const texts = DIARIZATION_FORMATS.map((format) => ({
    ...format,
    title: TITLES[format.name] ?? format.name,
  }));
  const [rttm, ...others] = texts;
  return [
    rttm!,
    {
      name: 'via',
      title: 'VIA 3 project',
      extension: '.via.json',
      mediaType: 'application/json',
      write: (document) => formatViaProject(diarizationToVia(document, mediaName)),
    },
    {
      name: 'json',
      title: 'JSON with everything',
      extension: '.json',
      mediaType: 'application/json',
      write: (document) => `${JSON.stringify(document, undefined, 1)}\n`,
    },
    ...others,
  ];
}

/** Lets the corrected result be saved in any format. @returns saves in the chosen one */
export function createSaving(data: ReportData, store: Store): () => void {
  const choice = byId('save-format', HTMLSelectElement);
  const formats = saveFormats(data.media.name);
  choice.replaceChildren(
    ...formats.map(({ name, title }) =>
      make('option', { text: title, attributes: { value: name } }),
    ),
  );
  const save = (): void => {
    const format = formats.find(({ name }) => name === choice.value) ?? formats[0]!;
    const { conversation, isChanged } = store.state;
    const document = correctedDocument(data.document, conversation);
    const file = new Blob([format.write(document)], { type: format.mediaType });
    const name = `${data.document.recording}${format.extension}`;
    const address = URL.createObjectURL(file);
    const link = make('a', { attributes: { href: address, download: name } });
    link.click();
    // The browser reads the file after the click has been handled.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    if (isChanged) store.saved();
    announce(`Saved ${name}.`);
  };
  byId('save', HTMLButtonElement).addEventListener('click', save);
  window.addEventListener('beforeunload', (event) => {
    if (store.state.isChanged) event.preventDefault();
  });
  return save;
}
