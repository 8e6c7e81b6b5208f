import { AvdError } from '@avd/domain';
import {
  diarizeHelp,
  parseDiarizeOptions,
  type DiarizeCommandOptions,
} from '../diarize-options.js';
import { diarizeVideo } from '../diarize-video.js';
import { expandInputs } from '../expand-inputs.js';
import { createReporter } from '../progress/create-reporter.js';
import { speakerTable } from '../speaker-table.js';

/** `avd diarize`: a thin shell over diarizeVideo. */
export async function diarizeCommand(
  argv: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const options = parseDiarizeOptions(argv);
  if (options === undefined) {
    process.stdout.write(diarizeHelp);
    return 0;
  }
  const files = await expandInputs(options.inputs, options.outDir);
  let exitCode = 0;
  for (const { file, outDir } of files) {
    try {
      await diarizeOne(file, outDir, options, signal);
    } catch (error) {
      if (files.length === 1 || signal.aborted) throw error;
      // One bad file does not stop the others; its code is reported at the end.
      const known = AvdError.from(error);
      process.stderr.write(`avd: ${file}: ${known.message}\n`);
      exitCode ||= known.exitCode;
    }
  }
  return exitCode;
}

async function diarizeOne(
  file: string,
  outDir: string,
  options: DiarizeCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const reporter = createReporter(options.output);
  try {
    const result = await diarizeVideo({
      ...options,
      input: file,
      outDir,
      signal,
      onEvent: (event) => reporter.event(event),
    });
    reporter.end();
    if (options.output === 'json') {
      const { diarization, elapsedSec } = result;
      const { speakers, durationSec, notices } = diarization;
      process.stdout.write(
        `${JSON.stringify({ type: 'summary', input: file, outDir, durationSec, elapsedSec, speakers, notices })}\n`,
      );
    } else if (options.output === 'person') {
      const speed = result.diarization.durationSec / result.elapsedSec;
      process.stdout.write(`\n${speakerTable(result.diarization)}\n`);
      process.stdout.write(
        `${result.elapsedSec.toFixed(1)} s (${speed.toFixed(1)}x real time); results in ${outDir}\n`,
      );
    }
  } catch (error) {
    reporter.end();
    throw error;
  }
}
