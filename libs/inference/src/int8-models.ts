import { QUANTIZABLE, quantizedName } from '@avd/models';
import type { ModelPool } from '@avd/stage-kit';

/**
 * The same networks, in their 8-bit form where there is one (s3fd, syncnet-lip). Results differ from those in float32.
 * Loading rejects with AvdError precondition MODEL_NOT_QUANTIZED while the form was not made on this machine.
 */
export function int8Models(models: ModelPool): ModelPool {
  return {
    load(name) {
      const known = QUANTIZABLE.find((candidate) => candidate === name);
      return models.load(known === undefined ? name : quantizedName(known));
    },
  };
}
