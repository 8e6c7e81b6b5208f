import { openWeights } from '../checkpoint/index.js';
import type { GraphForm } from './conv3x3.js';
import { networkGraphs } from './network-graphs.js';
import type { NetworkName } from './network-graphs.js';

/**
 * Makes an ONNX file (opset 17) of a published PyTorch checkpoint. The same checkpoint always gives the same bytes.
 * @param checkpointPath file of torch.save, zip or legacy format
 * @param form networks without it (see `graphForms`) come as `plain`
 * @returns bytes of the .onnx file
 * @throws AvdError kind `model`: CHECKPOINT_UNSAFE, CHECKPOINT_DAMAGED, CHECKPOINT_UNSUPPORTED, or
 *   CHECKPOINT_MISMATCH when the tensors are not those of the network
 */
export async function checkpointToOnnx(
  checkpointPath: string,
  network: NetworkName,
  form: GraphForm = 'plain',
): Promise<Uint8Array> {
  await using weights = await openWeights(checkpointPath);
  const { graph } = await networkGraphs[network](weights, form);
  return graph.encode();
}
