import type { Weights } from '../checkpoint/index.js';
import { ecapaGraph } from './ecapa.js';
import { lrAsdGraph } from './lr-asd.js';
import type { GraphForm } from './conv3x3.js';
import type { NetworkGraph } from './network-graph.js';
import { resnetseGraph } from './resnetse.js';
import { s3fdGraph } from './s3fd.js';
import { syncnetAudioGraph, syncnetLipGraph } from './syncnet.js';
import { vggfaceGraph } from './vggface.js';

/** Every network that can be made from a published PyTorch checkpoint, by name. */
export const networkGraphs = {
  s3fd: s3fdGraph,
  'syncnet-lip': syncnetLipGraph,
  'syncnet-audio': syncnetAudioGraph,
  'vggface-resnet50': vggfaceGraph,
  resnetse34v2: resnetseGraph,
  'ecapa-tdnn': ecapaGraph,
  'lr-asd': lrAsdGraph,
} as const satisfies Readonly<
  Record<string, (weights: Weights, form?: GraphForm) => Promise<NetworkGraph>>
>;

export type NetworkName = keyof typeof networkGraphs;

/** The forms a network can be written in. Only S3FD is large enough for more than one to be worth it. */
export function graphForms(network: NetworkName): readonly GraphForm[] {
  return network === 's3fd' ? ['plain', 'winograd'] : ['plain'];
}
