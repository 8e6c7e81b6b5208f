import path from 'node:path';
import { defaultCacheDir, modelManifest, profilesOf } from '@avd/models';
import type { ModelManifest } from '@avd/models';
import { badOption, parseCommandLine } from '../arguments.js';
import { convertModels } from '../models/convert.js';
import { listModels } from '../models/list.js';
import type { ModelsContext } from '../models/models-context.js';
import { pullAndConvert } from '../models/pull.js';
import { quantizeModels } from '../models/quantize.js';
import { removeModels } from '../models/remove.js';
import { verifyModels } from '../models/verify.js';
import { whereModels } from '../models/where.js';

const help = `avd models - the networks: see, fetch, check and delete them

Usage: avd models list [--json]          what there is, and what is on this computer
       avd models pull [WHAT...]         download, verify, convert to ONNX (default: all)
       avd models verify [WHAT...]       compare the files on this computer with their SHA-256 (default: all)
       avd models convert [WHAT...]      convert to ONNX again where that is missing (default: all pulled)
       avd models where [WHAT...]        paths of the ONNX files; without WHAT the folder
       avd models remove WHAT...         delete downloads and what was made of them
       avd models quantize NAME... --calibrate VIDEO
                                         make the 8-bit form (s3fd, syncnet-lip): smaller, about 3 times as fast
                                         on processors with VNNI, not quite the same numbers

  WHAT                 a profile (${profilesOf(modelManifest).join(', ')}), a model of the list, or all
      --ckpt-dir DIR   folder of the models (default: $XDG_CACHE_HOME/avd or ~/.cache/avd)
      --json           for list: everything that is known, as JSON
  -h, --help

The profile lite needs nothing of this: its networks come with the installation. An interrupted download
goes on where it ended when the command is run again.

Without internet: copy the files into the folder by hand (any of their published names; avd models list --json
has addresses and SHA-256), or set AVD_MODEL_MIRROR to a folder or an http(s) address that has them, as NAME or
SHA256/NAME. Every file is verified before it is used.

Examples:
  avd models pull voxconverse                      the networks of the 2020 paper
  avd models pull yunet lr-asd-ava                 single ones
  AVD_MODEL_MIRROR=/mnt/models avd models pull     from a folder instead of the internet
  avd models verify && avd models list

Exit codes: 0 done, 2 wrong option, 3 not on the server, 4 not pulled, 6 damaged or wrong file, 7 disk full,
8 no permission, 9 server out of reach, 130 stopped.
`;

const actions: Readonly<Record<string, (context: ModelsContext) => Promise<number>>> = {
  list: listModels,
  pull: pullAndConvert,
  verify: verifyModels,
  convert: convertModels,
  where: whereModels,
  remove: removeModels,
  quantize: quantizeModels,
};

/** `avd models`. @param manifest the networks there are; tests give others */
export async function modelsCommand(
  argv: readonly string[],
  signal: AbortSignal,
  manifest: ModelManifest = modelManifest,
): Promise<number> {
  const { values, positionals } = parseCommandLine(argv, {
    'ckpt-dir': { type: 'string' },
    json: { type: 'boolean' },
    calibrate: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  const [name, ...words] = positionals;
  if (values['help'] === true || name === 'help') {
    process.stdout.write(help);
    return 0;
  }
  const names = Object.keys(actions).join(', ');
  if (name === undefined) throw badOption(`avd models needs one of ${names}; see --help.`);
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) {
    throw badOption(`There is no "avd models ${name}", only ${names}; see --help.`);
  }
  if (values['json'] === true && name !== 'list') {
    throw badOption('--json is for avd models list only.');
  }
  const calibrationVideo = values['calibrate'] as string | undefined;
  if (calibrationVideo !== undefined && name !== 'quantize') {
    throw badOption('--calibrate is for avd models quantize only.');
  }
  return action({
    words,
    cacheDir: path.resolve((values['ckpt-dir'] as string | undefined) ?? defaultCacheDir()),
    manifest,
    asJson: values['json'] === true,
    ...(calibrationVideo === undefined ? {} : { calibrationVideo }),
    signal,
  });
}
