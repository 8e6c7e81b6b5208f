import { createHash } from 'node:crypto';
import { escapeMarkup } from '@avd/domain';

/** A page of this server, and the content policy that allows its own script and style and nothing else. */
export interface Page {
  readonly html: string;
  readonly policy: string;
}

const STYLE = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; }
progress { width: 100%; height: 1.2rem; }
.error { color: #c33; }
`;

/**
 * @param title text
 * @param body markup: whatever comes from outside must have been escaped
 * @param script put at the end of the page
 */
export function toPage(title: string, body: string, script = ''): Page {
  return {
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
${script === '' ? '' : `<script>${script}</script>`}
</body>
</html>
`,
    policy: [
      "default-src 'none'",
      `style-src '${digestOf(STYLE)}'`,
      ...(script === '' ? [] : [`script-src '${digestOf(script)}'`, "connect-src 'self'"]),
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
