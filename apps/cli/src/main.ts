import { AvdError } from '@avd/domain';
import { convertCommand } from './commands/convert.js';
import { diarizeCommand } from './commands/diarize.js';
import { modelsCommand } from './commands/models.js';
import { scoreCommand } from './commands/score.js';

/** A sub-command: its arguments in, the exit code out. */
export type Command = (argv: readonly string[], signal: AbortSignal) => Promise<number>;

// Those that talk to a server are loaded when used: gRPC would slow every other command's start.
const commands: Readonly<Record<string, { readonly run: Command; readonly about: string }>> = {
  diarize: { run: diarizeCommand, about: 'say who spoke when in one or more videos' },
  convert: {
    run: convertCommand,
    about: 'turn a result into subtitles, RTTM, VIA, ELAN, Praat and back',
  },
  models: { run: modelsCommand, about: 'see, fetch, check and delete the networks' },
  score: { run: scoreCommand, about: 'compare RTTM files with a reference: DER, JER and more' },
  up: {
    run: async (...args) => (await import('./commands/up.js')).upCommand(...args),
    about: 'start the whole system on this machine',
  },
  submit: {
    run: async (...args) => (await import('./commands/submit.js')).submitCommand(...args),
    about: 'have a server do it: creates a job',
  },
  watch: {
    run: async (...args) => (await import('./commands/watch.js')).watchCommand(...args),
    about: 'follow a job to its end',
  },
  get: {
    run: async (...args) => (await import('./commands/get.js')).getCommand(...args),
    about: 'how a job stands, and its results',
  },
  list: {
    run: async (...args) => (await import('./commands/list.js')).listCommand(...args),
    about: 'the jobs of a server',
  },
  cancel: {
    run: async (...args) => (await import('./commands/cancel.js')).cancelCommand(...args),
    about: 'stop a job',
  },
};

const help = `avd - watches a video and says who spoke when

Usage: avd COMMAND [options]      (avd COMMAND --help teaches each one)

Commands:
${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

First steps:
  avd diarize -i interview.mp4 -o output
  avd convert output/diarization.json interview.vtt
  avd score reference.rttm output/result.rttm
`;

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help);
    return name === undefined ? 2 : 0;
  }
  const command = commands[name];
  if (command === undefined) {
    process.stderr.write(`avd: there is no command "${name}"; avd --help lists them.\n`);
    return 2;
  }
  const stop = new AbortController();
  // The first Ctrl-C stops cleanly; a second one leaves at once.
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await command.run(rest, stop.signal);
  } catch (error) {
    const known = AvdError.from(error);
    process.stderr.write(`avd: ${known.message}\n`);
    if (process.env['AVD_DEBUG'] === '1') console.error(error);
    return known.exitCode;
  }
}

process.exitCode = await main(process.argv.slice(2));
