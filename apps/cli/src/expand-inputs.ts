import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';

const MEDIA_EXTENSIONS = new Set(
  '.mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .ts .mts .wmv .flv .3gp .wav .mp3 .m4a .flac .ogg .opus .aac'.split(
    ' ',
  ),
);

/** One recording to work on and the folder its results go to. */
export interface InputFile {
  readonly file: string;
  readonly outDir: string;
}

/**
 * Files to diarize: folders give their media files (by name), several files a result folder each.
 * @throws AvdError invalidInput EMPTY_FOLDER
 */
export async function expandInputs(
  inputs: readonly string[],
  outDir: string,
): Promise<InputFile[]> {
  const files: string[] = [];
  let hasFolder = false;
  for (const input of inputs) {
    const isFolder = await stat(input)
      .then((entry) => entry.isDirectory())
      .catch(() => false);
    if (!isFolder) {
      files.push(input);
      continue;
    }
    hasFolder = true;
    const names = (await readdir(input)).filter((name) =>
      MEDIA_EXTENSIONS.has(path.extname(name).toLowerCase()),
    );
    if (names.length === 0) {
      throw new AvdError(
        'invalidInput',
        'EMPTY_FOLDER',
        `There is no video or sound file in the folder ${input}.`,
      );
    }
    files.push(...names.sort().map((name) => path.join(input, name)));
  }
  if (files.length === 1 && !hasFolder) return [{ file: files[0]!, outDir }];
  const used = new Set<string>();
  return files.map((file) => {
    const base = path.parse(file).name;
    let name = base;
    for (let copy = 2; used.has(name); copy++) name = `${base}-${copy}`;
    used.add(name);
    return { file, outDir: path.join(outDir, name) };
  });
}
