import { createHash } from 'node:crypto';
import { escapeMarkup } from '@avd/domain';
import { formatClock } from './page/clock.js';
import type { ReportData } from './page/report-data.js';
import { pageFiles } from './page-files.js';

/**
 * report.html as text: one file that needs no network and asks for nothing but the recording it names. Its content policy
 * allows no script but its own, so that nothing in a name can ever run.
 *
 * @param embedded the recording as base64, for `media.source === 'embedded'`
 */
export function reportHtml(data: ReportData, embedded?: string): string {
  const { template, style, script } = pageFiles();
  const { recording, notices } = data.document;
  const parts: Readonly<Record<string, string>> = {
    '{{title}}': escapeMarkup(recording),
    '{{summary}}': escapeMarkup(summaryOf(data)),
    '{{policy}}': escapeMarkup(contentPolicy(style, script, data)),
    '<!-- style -->': `<style>${style}</style>`,
    '<!-- notices -->': notices
      .map((notice) => `<p class="notice">${escapeMarkup(notice)}</p>`)
      .join('\n'),
    '<!-- data -->':
      `<script type="application/json" id="report-data">${jsonForScript(data)}</script>` +
      (embedded === undefined
        ? ''
        : `\n<script type="text/plain" id="embedded-media">${embedded}</script>`),
    '<!-- script -->': `<script>${script}</script>`,
  };
  return template.replace(
    /\{\{(?:title|summary|policy)\}\}|<!-- (?:style|notices|data|script) -->/g,
    (mark) => parts[mark]!,
  );
}

function summaryOf({ document: { durationSec, speakers, turns } }: ReportData): string {
  const count = (number: number, one: string): string =>
    `${number} ${one}${number === 1 ? '' : 's'}`;
  return `${formatClock(durationSec)} · ${count(speakers.length, 'speaker')} · ${count(turns.length, 'turn')}`;
}

/** JSON that cannot end the script element it stands in. */
function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function contentPolicy(style: string, script: string, { media }: ReportData): string {
  const address = media.source === 'embedded' ? '' : media.source.href;
  const origin = /^https?:\/\/[^/]+/i.exec(address)?.[0] ?? '';
  return [
    "default-src 'none'",
    `script-src '${sha256(script)}'`,
    `style-src '${sha256(style)}'`,
    'img-src data:',
    // A page opened from disk has no origin: `file:` is its own folder's scheme.
    `media-src 'self' file: blob: ${origin}`.trimEnd(),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
