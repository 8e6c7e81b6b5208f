import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AvdError, parseRttm, parseUem, type RttmTurn } from '@avd/domain';
import { formatScoreHtml, formatScoreTable, scoreRecordings } from '@avd/scoring';
import { badOption, nonNegativeNumber, parseCommandLine } from '../arguments.js';

const help = `avd score - compare diarizations with a reference

Usage: avd score REF HYP [options]

  REF, HYP             RTTM files, or folders of *.rttm files
      --collar SEC     time around each reference boundary that is not scored (default: 0.25)
      --skip-overlap   leave out time in which several reference speakers speak
      --uem FILE       score these regions only (default: from the first to the last turn of both)
      --json           all scores as JSON
      --html FILE      also write a page that shows reference and hypothesis with the errors marked
  -h, --help

DER = (missed + false alarm + confusion) / reference speech. Always compare at the same collar and
overlap setting; both are printed.

Examples:
  avd score sample/sample.rttm output/result.rttm
  avd score references/ results/ --collar 0 --html errors.html
`;

/** `avd score`: DER, JER and the other dscore metrics. */
export async function scoreCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(argv, {
    collar: { type: 'string' },
    'skip-overlap': { type: 'boolean' },
    uem: { type: 'string' },
    json: { type: 'boolean' },
    html: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  const { values, positionals } = parsed;
  if (values['help'] === true) {
    process.stdout.write(help);
    return 0;
  }
  const [refPath, hypPath] = positionals;
  if (refPath === undefined || hypPath === undefined || positionals.length > 2) {
    throw badOption('avd score needs a reference and a hypothesis: avd score REF HYP.');
  }
  const uemPath = values['uem'] as string | undefined;
  const options = {
    collarSec: nonNegativeNumber(parsed, 'collar') ?? 0.25,
    skipOverlap: values['skip-overlap'] === true,
    ...(uemPath === undefined ? {} : { uem: parseUem(await readText(uemPath), uemPath) }),
  };
  const ref = await readTurns(refPath);
  const hyp = sameRecording(ref, await readTurns(hypPath), refPath, hypPath);
  const result = scoreRecordings(ref, hyp, options);
  const htmlPath = values['html'] as string | undefined;
  if (htmlPath !== undefined) await writeFile(htmlPath, formatScoreHtml(ref, hyp, options));
  process.stdout.write(
    values['json'] === true
      ? `${JSON.stringify(result, undefined, 2)}\n`
      : formatScoreTable(result),
  );
  return 0;
}

async function readTurns(where: string): Promise<RttmTurn[]> {
  const isFolder = (await stat(where).catch(() => undefined))?.isDirectory() ?? false;
  const files = isFolder
    ? (await readdir(where, { recursive: true }))
        .filter((name) => name.endsWith('.rttm'))
        .sort()
        .map((name) => path.join(where, name))
    : [where];
  if (files.length === 0) {
    throw new AvdError(
      'invalidInput',
      'EMPTY_FOLDER',
      `There is no .rttm file in the folder ${where}.`,
    );
  }
  const texts = await Promise.all(files.map(readText));
  return files.flatMap((file, index) => parseRttm(texts[index]!, { sourceName: file }));
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw AvdError.from(cause);
  });
}

/** With one recording on each side the names need not agree: a person who gives two files means these two. */
function sameRecording(
  ref: readonly RttmTurn[],
  hyp: readonly RttmTurn[],
  refPath: string,
  hypPath: string,
): readonly RttmTurn[] {
  const refNames = new Set(ref.map(({ recording }) => recording));
  const hypNames = new Set(hyp.map(({ recording }) => recording));
  if ([...hypNames].some((name) => refNames.has(name))) return hyp;
  if (refNames.size === 1 && hypNames.size === 1) {
    const [recording] = refNames;
    return hyp.map((turn) => ({ ...turn, recording: recording! }));
  }
  if (refNames.size > 0 && hypNames.size > 0) {
    process.stderr.write(
      `avd: no recording of ${hypPath} has a name of ${refPath}; everything counts as missed.\n`,
    );
  }
  return hyp;
}
