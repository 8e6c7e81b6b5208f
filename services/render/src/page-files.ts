import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { linkModules } from './link-modules.js';

export interface PageFiles {
  readonly template: string;
  readonly style: string;
  readonly script: string;
}

let loaded: PageFiles | undefined;

/** The sources of the page: `assets/report.html`, `assets/report.css` and the compiled `src/page`, joined to one script. */
export function pageFiles(): PageFiles {
  loaded ??= {
    template: text(new URL('../assets/report.html', import.meta.url)),
    style: text(new URL('../assets/report.css', import.meta.url)),
    script: linkModules(fileURLToPath(new URL('../dist/page/main.js', import.meta.url)), {
      read: (file) => readFileSync(file, 'utf8'),
      resolve: (specifier, importer) => createRequire(importer).resolve(specifier),
    }),
  };
  return loaded;
}

function text(file: URL): string {
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
}
