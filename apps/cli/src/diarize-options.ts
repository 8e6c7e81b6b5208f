import { PROVIDER_NAMES, resolveProviders } from '@avd/inference';
import { PROFILES, resolveSettings, type DiarizeSettings } from '@avd/pipeline';
import { parseCommandLine, wholeNumber } from './arguments.js';
import { parseChoices, SETTINGS_HELP, SETTINGS_OPTIONS } from './settings-options.js';

export interface DiarizeCommandOptions {
  readonly inputs: readonly string[];
  readonly outDir: string;
  readonly cacheDir?: string;
  readonly ckptDir?: string;
  readonly threads?: number;
  readonly threadsPerRun?: number;
  readonly executionProviders?: readonly string[];
  readonly chunkFrames?: number;
  readonly output: 'person' | 'json' | 'quiet';
  readonly report: 'none' | 'link' | 'embed';
  readonly visualize?: { readonly width?: number };
  readonly settings: DiarizeSettings;
}

export const diarizeHelp = `avd diarize - say who spoke when in a video

Usage: avd diarize -i VIDEO [-o OUT_DIR] [options]

  -i, --input FILE        video, sound file or folder; give it several times for several
                          (default: sample/sample.mp4)
  -o, --out-dir DIR       where results go (default: output). Several inputs get a folder each
      --cache-dir DIR     keep finished stages here: a second run reuses them, a killed run goes on
      --ckpt-dir DIR      folder of the models, see avd models --help (default: ~/.cache/avd)
      --report            also write report.html: video, timeline, faces, figures, corrections
      --embed-video       put the video into report.html instead of linking to it
      --visualize         also write out.mp4: the video with a box around each face, red (silent) to green
                          (speaks), names, and a timeline
      --visualize-width N the same, N pixels wide: smaller and quicker (default: as the video)
      --profile NAME      ${PROFILES.join(' | ')} (default: lite). modern and voxconverse need their networks:
                          avd models pull modern (4 MB), avd models pull voxconverse
      --threads N         processor cores to use (default: all)
      --threads-per-run N so many of them for each run of a network (default: 1); more changes the last bits of
                          some results
      --execution-providers LIST
                          what runs the networks, the preferred one first: ${PROVIDER_NAMES.join(', ')} (default: cpu)
      --json              one JSON object a line on standard output: progress, then a summary
      --quiet             print nothing but errors
  -h, --help

${SETTINGS_HELP}
Results: result.rttm, result.json (opens in the VIA 3 video annotator), diarization.json
(docs/diarization.schema.json describes it). avd convert turns them into subtitles and more.

Examples:
  avd diarize -i interview.mp4 -o output
  avd diarize -i talks/ -o results --cache-dir .cache     every video of a folder
  avd models pull modern && avd diarize -i talk.mp4 --profile modern
  avd diarize -i talk.mp4 --visualize --visualize-width 640
  avd diarize -i panel.mkv --num-speakers 4 --offscreen unknown
  avd diarize -i call.wav --json | jq .                    sound alone works as well

Exit codes: 0 done, 2 wrong option or file, 3 not found, 4 something to install first, 5 undecodable
media, 6 model, 7 disk full, 8 no permission, 70 defect, 130 stopped.
`;

/** @returns undefined when help was asked for. @throws AvdError invalidInput */
export function parseDiarizeOptions(argv: readonly string[]): DiarizeCommandOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const parsed = parseCommandLine(argv, {
    input: { type: 'string', short: 'i', multiple: true },
    'out-dir': { type: 'string', short: 'o' },
    'cache-dir': text,
    'ckpt-dir': text,
    threads: text,
    'threads-per-run': text,
    'execution-providers': text,
    json: flag,
    quiet: flag,
    help: { type: 'boolean', short: 'h' },
    report: flag,
    'embed-video': flag,
    visualize: flag,
    'visualize-width': text,
    ...SETTINGS_OPTIONS,
  });
  const { values } = parsed;
  if (values['help'] === true) return undefined;
  const { choices, chunkFrames } = parseChoices(parsed);
  const inputs = [...((values['input'] as string[] | undefined) ?? []), ...parsed.positionals];
  const cacheDir = values['cache-dir'] as string | undefined;
  const ckptDir = values['ckpt-dir'] as string | undefined;
  const threads = wholeNumber(parsed, 'threads', 1, 256);
  const threadsPerRun = wholeNumber(parsed, 'threads-per-run', 1, 256);
  const executionProviders = parseProviders(values['execution-providers'] as string | undefined);
  const visualizeWidth = wholeNumber(parsed, 'visualize-width', 64, 7680);
  return {
    inputs: inputs.length > 0 ? inputs : ['sample/sample.mp4'],
    outDir: (values['out-dir'] as string | undefined) ?? 'output',
    ...(cacheDir === undefined ? {} : { cacheDir }),
    ...(ckptDir === undefined ? {} : { ckptDir }),
    ...(threads === undefined ? {} : { threads }),
    ...(threadsPerRun === undefined ? {} : { threadsPerRun }),
    ...(executionProviders === undefined ? {} : { executionProviders }),
    ...(chunkFrames === undefined ? {} : { chunkFrames }),
    report: values['embed-video'] === true ? 'embed' : values['report'] === true ? 'link' : 'none',
    ...(visualizeWidth === undefined
      ? values['visualize'] === true && { visualize: {} }
      : { visualize: { width: visualizeWidth } }),
    output: values['json'] === true ? 'json' : values['quiet'] === true ? 'quiet' : 'person',
    settings: resolveSettings(choices),
  };
}

/** @throws AvdError invalidInput UNKNOWN_PROVIDER; precondition PROVIDER_NOT_INSTALLED, before any work is done */
function parseProviders(list: string | undefined): readonly string[] | undefined {
  if (list === undefined) return undefined;
  const names = list.split(',').map((name) => name.trim());
  return resolveProviders(names.filter((name) => name !== ''));
}
