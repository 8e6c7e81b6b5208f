import { WireWriter } from './wire.js';

/**
 * The part of onnx.proto3 (github.com/onnx/onnx, IR version 8) that our graphs use, as plain data, and its
 * encoding. Field numbers are those of that file.
 */
export const IR_VERSION = 8;
export const OPSET_VERSION = 17;

/** Constant of a graph, row-major. */
export interface OnnxTensor {
  readonly data: Float32Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;
  readonly dims: readonly number[];
}

/** Attribute of a node; ONNX tells integers from floats, so the kind is written out. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] };

export interface OnnxNode {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export type OnnxElementType = 'float32' | 'uint8' | 'int8' | 'int32' | 'int64';

/** Input or output of a graph; a dimension given as text is free. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly type: OnnxElementType;
  /** Absent: any shape. */
  readonly dims?: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** TensorProto.DataType */
const DATA_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

/** @returns bytes of the .onnx file; the same graph always gives the same bytes */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  return new WireWriter()
    .varint(1, IR_VERSION)
    .string(2, 'avd')
    .message(7, (out) => writeGraph(out, graph))
    .message(8, (out) => out.string(1, '').varint(2, OPSET_VERSION))
    .finish();
}

function writeGraph(out: WireWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) out.message(1, (nested) => writeNode(nested, node));
  out.string(2, graph.name);
  for (const [name, tensor] of graph.initializers) {
    out.message(5, (nested) => writeTensor(nested, name, tensor));
  }
  for (const info of graph.inputs) out.message(11, (nested) => writeValueInfo(nested, info));
  for (const info of graph.outputs) out.message(12, (nested) => writeValueInfo(nested, info));
}

function writeNode(out: WireWriter, node: OnnxNode): void {
  for (const name of node.inputs) out.string(1, name);
  for (const name of node.outputs) out.string(2, name);
  // A node is named after its first output: names show up in profiles and in error messages.
  out.string(3, node.outputs[0] ?? '').string(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    out.message(5, (nested) => writeAttribute(nested, name, attribute));
  }
}

function writeAttribute(out: WireWriter, name: string, attribute: OnnxAttribute): void {
  out.string(1, name);
  if ('float' in attribute) out.float(2, attribute.float).varint(20, ATTRIBUTE_TYPE.float);
  else if ('int' in attribute) out.varint(3, attribute.int).varint(20, ATTRIBUTE_TYPE.int);
  else if ('string' in attribute) out.string(4, attribute.string).varint(20, ATTRIBUTE_TYPE.string);
  else if ('floats' in attribute) {
    for (const value of attribute.floats) out.float(7, value);
    out.varint(20, ATTRIBUTE_TYPE.floats);
  } else {
    for (const value of attribute.ints) out.varint(8, value);
    out.varint(20, ATTRIBUTE_TYPE.ints);
  }
}

function writeTensor(out: WireWriter, name: string, tensor: OnnxTensor): void {
  for (const dim of tensor.dims) out.varint(1, dim);
  const { data } = tensor;
  // raw_data is little-endian, as are typed arrays on every platform Node runs on that has onnxruntime.
  out
    .varint(2, DATA_TYPE[elementTypeOf(data)])
    .string(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValueInfo(out: WireWriter, info: OnnxValueInfo): void {
  out.string(1, info.name).message(2, (type) =>
    type.message(1, (tensorType) => {
      tensorType.varint(1, DATA_TYPE[info.type]);
      const { dims } = info;
      if (dims !== undefined) tensorType.message(2, (shape) => writeShape(shape, dims));
    }),
  );
}

function writeShape(out: WireWriter, dims: readonly (number | string)[]): void {
  for (const dim of dims) {
    out.message(1, (nested) =>
      typeof dim === 'number' ? nested.varint(1, dim) : nested.string(2, dim),
    );
  }
}

export function elementTypeOf(data: OnnxTensor['data']): OnnxElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Int8Array) return 'int8';
  return data instanceof Int32Array ? 'int32' : 'uint8';
}
