import { encodeModel, parseModel } from '../onnx/index.js';
import { planQuantization } from './plan.js';
import { quantizeGraph, withInnerOutputs } from './quantize-graph.js';
import { RangeObserver } from './value-range.js';

/** Share of the numbers that must fit into 8 bits: all, since on the networks here cutting the largest off costs more. */
const DEFAULT_SHARE = 1;

/** A network on its way to 8 bits: run `probe` on typical inputs, show what came out, finish. */
export interface Calibration {
  /** The network as ONNX file with its inner values as further outputs. */
  readonly probe: Uint8Array;
  /** @param outputs of one run of the probe, by name; those of the network itself are not looked at */
  observe(outputs: Readonly<Record<string, { readonly data: ArrayLike<number | bigint> }>>): void;
  /**
   * The network in 8 bits, as ONNX file. Depends on the network and the observed numbers alone.
   * @throws RangeError when nothing was observed
   */
  finish(): Uint8Array;
}

/**
 * Prepares a network for 8 bits.
 * @param onnx a file that avd made of a checkpoint
 * @param share of the numbers of each value that must be inside of its range, in (0, 1]
 * @throws AvdError model ONNX_UNSUPPORTED
 */
export function startCalibration(onnx: Uint8Array, share = DEFAULT_SHARE): Calibration {
  const graph = parseModel(onnx);
  const names = new Set(planQuantization(graph).rangeOf.values());
  const observers = new Map([...names].map((name) => [name, new RangeObserver()]));
  let runs = 0;
  return {
    probe: encodeModel(withInnerOutputs(graph, names)),
    observe(outputs) {
      runs++;
      for (const [name, observer] of observers) {
        const data = outputs[name]?.data;
        if (data instanceof Float32Array) observer.observe(data);
      }
    },
    finish() {
      if (runs === 0) throw new RangeError('nothing was observed');
      const ranges = new Map([...observers].map(([name, seen]) => [name, seen.range(share)]));
      return encodeModel(quantizeGraph(graph, ranges));
    },
  };
}
