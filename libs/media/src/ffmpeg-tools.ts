import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';

/** Where the two programs are. */
export interface FfmpegTools {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
}

/**
 * Finds ffmpeg and ffprobe: `AVD_FFMPEG` (the program or the folder that holds both), else the `PATH`.
 * `AVD_FFPROBE` names ffprobe alone when it lies elsewhere.
 *
 * @throws AvdError precondition FFMPEG_MISSING
 */
export async function findFfmpeg(env: NodeJS.ProcessEnv = process.env): Promise<FfmpegTools> {
  const named = env['AVD_FFMPEG'];
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  if (named === undefined || named === '') {
    const ffmpegPath = await firstProgram(folders, 'ffmpeg');
    const ffprobePath = env['AVD_FFPROBE'] ?? (await firstProgram(folders, 'ffprobe'));
    if (ffmpegPath === undefined || ffprobePath === undefined) {
      throw missing(`ffmpeg is not installed: ${installHint()}.`);
    }
    return { ffmpegPath, ffprobePath };
  }
  const folder = (await isFolder(named)) ? named : path.dirname(named);
  const ffmpegPath = folder === named ? await firstProgram([folder], 'ffmpeg') : named;
  if (ffmpegPath === undefined || !(await isProgram(ffmpegPath))) {
    throw missing(
      `AVD_FFMPEG is "${named}", but ffmpeg is not there; correct it or ${installHint()}.`,
    );
  }
  const ffprobePath = env['AVD_FFPROBE'] ?? (await firstProgram([folder, ...folders], 'ffprobe'));
  if (ffprobePath === undefined) {
    throw missing(`ffprobe is not beside ffmpeg (${folder}); set AVD_FFPROBE or ${installHint()}.`);
  }
  return { ffmpegPath, ffprobePath };
}

/** What a user has to type, by platform. */
export function installHint(platform: NodeJS.Platform = process.platform): string {
  if (platform === 'darwin') return 'run "brew install ffmpeg"';
  if (platform === 'win32') return 'run "winget install ffmpeg"';
  return 'run "sudo apt-get install ffmpeg"';
}

function missing(message: string): AvdError {
  return new AvdError('precondition', 'FFMPEG_MISSING', message);
}

async function firstProgram(folders: readonly string[], name: string): Promise<string | undefined> {
  const fileName = process.platform === 'win32' ? `${name}.exe` : name;
  for (const folder of folders) {
    const candidate = path.resolve(folder, fileName);
    if (await isProgram(candidate)) return candidate;
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function isFolder(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch {
    return false;
  }
}
