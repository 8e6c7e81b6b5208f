import { openWeights } from '../checkpoint/index.js';
import { networkGraphs } from './network-graphs.js';
import type { NetworkName } from './network-graphs.js';

/**
 * Makes an ONNX file (opset 17) of a published PyTorch checkpoint. The same checkpoint always gives the same bytes.
 * @param checkpointPath file of torch.save, zip or legacy format
 * @returns bytes of the .onnx file
 * @throws AvdError kind `model`: CHECKPOINT_UNSAFE, CHECKPOINT_DAMAGED, CHECKPOINT_UNSUPPORTED, or
 *   CHECKPOINT_MISMATCH when the tensors are not those of the network
 */
export async function checkpointToOnnx(
  checkpointPath: string,
  network: NetworkName,
): Promise<Uint8Array> {
  await using weights = await openWeights(checkpointPath);
  const { graph } = await networkGraphs[network](weights);
  return graph.encode();
}
