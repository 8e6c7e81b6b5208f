import type { Content } from './content.js';

/** The text of diarization.json; of a source that knows less, the parts that it does not know are empty. */
export function convertedDocument({ diarization, document }: Content): string {
  const whole = document ?? {
    schema: 'avd/diarization/1',
    ...diarization,
    shots: [],
    tracks: [],
    settings: { source: 'converted' },
  };
  return `${JSON.stringify(whole, undefined, 1)}\n`;
}
