import { readFile, stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { writeResults } from '../write-results.js';

/**
 * Text of a file, or of standard input for `-`: UTF-8, or UTF-16 with a byte order mark, as Praat writes it.
 * @throws AvdError notFound, permissionDenied; invalidInput NOT_TEXT
 */
export async function readTextFile(file: string): Promise<string> {
  const bytes = await (file === '-' ? buffer(process.stdin) : readFile(file)).catch(
    (cause: unknown) => {
      throw AvdError.from(cause);
    },
  );
  const encoding =
    bytes[0] === 0xfe && bytes[1] === 0xff
      ? 'utf-16be'
      : bytes[0] === 0xff && bytes[1] === 0xfe
        ? 'utf-16le'
        : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    const name = file === '-' ? 'Standard input' : `"${file}"`;
    const message = `${name} is not text in UTF-8; is it a file of one of the formats?`;
    throw new AvdError('invalidInput', 'NOT_TEXT', message, { cause });
  }
}

/** The file appears whole or not at all. @throws AvdError */
export async function writeTextFile(file: string, text: string): Promise<void> {
  if (file === '-') {
    await writeToStandardOutput(text);
    return;
  }
  const isFolder = await stat(file).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (isFolder) {
    throw new AvdError('invalidInput', 'NOT_A_FILE', `"${file}" is a folder: name a file in it.`);
  }
  const { dir, base } = path.parse(path.resolve(file));
  await writeResults(dir, { [base]: text }).catch((cause: unknown) => {
    throw AvdError.from(cause);
  });
}

function writeToStandardOutput(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      // Whoever reads has seen enough, e.g. `| head`.
      if (error.code === 'EPIPE') resolve();
      else reject(AvdError.from(error));
    };
    process.stdout.once('error', onError);
    process.stdout.write(text, (error) => {
      if (error) return;
      process.stdout.off('error', onError);
      resolve();
    });
  });
}
