import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AvdError } from '@avd/domain';

/** What runs the networks. */
export type ProviderName = 'cpu' | 'cuda' | 'tensorrt';

interface Provider {
  /** Platforms (`process.platform`-`process.arch`) onnxruntime-node has it for; absent: all. */
  readonly platforms?: readonly string[];
  /** Library beside the binding that must be there; absent: part of onnxruntime itself. */
  readonly library?: string;
  /** What the computer needs besides, in words. */
  readonly needs?: string;
}

const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  cpu: {},
  cuda: {
    platforms: ['linux-x64'],
    library: 'libonnxruntime_providers_cuda.so',
    needs: 'an NVIDIA driver, CUDA 12 and cuDNN 9',
  },
  tensorrt: {
    platforms: ['linux-x64'],
    library: 'libonnxruntime_providers_tensorrt.so',
    needs: 'an NVIDIA driver, CUDA 12, cuDNN 9 and TensorRT 10',
  },
};

export const PROVIDER_NAMES = Object.keys(PROVIDERS) as readonly ProviderName[];

export interface ProviderPlace {
  /** Folder of the native files of onnxruntime-node. */
  readonly nativeDir: string;
  /** `process.platform`-`process.arch` */
  readonly platform: string;
}

/**
 * The providers a user asked for, checked; `cpu` is put behind the others, for operations they do not have.
 * @throws AvdError invalidInput UNKNOWN_PROVIDER; precondition PROVIDER_NOT_INSTALLED, saying what to install
 */
export function resolveProviders(
  names: readonly string[],
  place: ProviderPlace = ownPlace(),
): readonly ProviderName[] {
  const chosen = new Set<ProviderName>();
  for (const name of names.length === 0 ? ['cpu'] : names) chosen.add(checkProvider(name, place));
  chosen.delete('cpu');
  return [...chosen, 'cpu'];
}

function checkProvider(name: string, { nativeDir, platform }: ProviderPlace): ProviderName {
  const known = PROVIDER_NAMES.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new AvdError(
      'invalidInput',
      'UNKNOWN_PROVIDER',
      `There is no execution provider ${name}; there are ${PROVIDER_NAMES.join(', ')}.`,
    );
  }
  const { platforms, library, needs } = PROVIDERS[known];
  if (platforms?.includes(platform) === false) {
    throw new AvdError(
      'precondition',
      'PROVIDER_NOT_INSTALLED',
      `onnxruntime has the execution provider ${name} on ${platforms.join(', ')} only, not on ${platform}; use cpu.`,
    );
  }
  if (library !== undefined && !existsSync(path.join(nativeDir, library))) {
    throw new AvdError(
      'precondition',
      'PROVIDER_NOT_INSTALLED',
      `This onnxruntime was installed without ${name}: run "npm install --onnxruntime-node-install=cuda12" or "npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12" (it needs ${needs ?? 'nothing else'}), or use cpu.`,
      { details: { provider: name, library } },
    );
  }
  return known;
}

function ownPlace(): ProviderPlace {
  const platform = `${process.platform}-${process.arch}`;
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  const nativeDir = path.join(path.dirname(entry), 'bin/napi-v6', process.platform, process.arch);
  return { nativeDir, platform };
}
