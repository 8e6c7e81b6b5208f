import { AvdError } from '@avd/domain';
import { IR_VERSION, OPSET_VERSION } from './model-proto.js';
import type {
  OnnxAttribute,
  OnnxElementType,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './model-proto.js';
import { readFields, readFloats, readIntegers, readText } from './wire-reader.js';

/** TensorProto.DataType */
const ELEMENT_TYPES: Readonly<Record<number, OnnxElementType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
};

/**
 * Reads an ONNX file back into plain data: the part of the format that our own graphs use (see model-proto).
 * @throws AvdError model ONNX_UNSUPPORTED for anything else: sub-graphs, other operator sets, sparse tensors, damage
 */
export function parseModel(file: Uint8Array): OnnxGraph {
  try {
    let graph: OnnxGraph | undefined;
    for (const { field, varint, bytes } of readFields(file)) {
      if (field === 1 && Number(varint) !== IR_VERSION) throw unsupported(`IR version ${varint}`);
      if (field === 7) graph = parseGraph(bytes);
      if (field === 8) checkOperators(bytes);
    }
    if (graph === undefined) throw unsupported('no graph');
    return graph;
  } catch (error) {
    if (error instanceof AvdError) throw error;
    throw unsupported(error instanceof Error ? error.message : String(error));
  }
}

function unsupported(what: string): AvdError {
  return new AvdError(
    'model',
    'ONNX_UNSUPPORTED',
    `The ONNX file is not one that avd made: ${what}.`,
  );
}

function checkOperators(message: Uint8Array): void {
  for (const { field, varint, bytes } of readFields(message)) {
    if (field === 1 && bytes.length > 0) throw unsupported(`operators of ${readText(bytes)}`);
    if (field === 2 && Number(varint) !== OPSET_VERSION) {
      throw unsupported(`operator set ${varint}, not ${OPSET_VERSION}`);
    }
  }
}

function parseGraph(message: Uint8Array): OnnxGraph {
  let name = '';
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  for (const { field, bytes } of readFields(message)) {
    if (field === 1) nodes.push(parseNode(bytes));
    else if (field === 2) name = readText(bytes);
    else if (field === 5) {
      const { tensorName, tensor } = parseTensor(bytes);
      initializers.set(tensorName, tensor);
    } else if (field === 11) inputs.push(parseValueInfo(bytes));
    else if (field === 12) outputs.push(parseValueInfo(bytes));
  }
  return { name, nodes, initializers, inputs, outputs };
}

function parseNode(message: Uint8Array): OnnxNode {
  let opType = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, OnnxAttribute> = {};
  for (const { field, bytes } of readFields(message)) {
    if (field === 1) inputs.push(readText(bytes));
    else if (field === 2) outputs.push(readText(bytes));
    else if (field === 4) opType = readText(bytes);
    else if (field === 5) {
      const { name, attribute } = parseAttribute(bytes);
      attributes[name] = attribute;
    }
  }
  return { opType, inputs, outputs, attributes };
}

function parseAttribute(message: Uint8Array): { name: string; attribute: OnnxAttribute } {
  let name = '';
  let type = 0;
  let number = 0;
  let text = '';
  const numbers: number[] = [];
  for (const part of readFields(message)) {
    const { field, varint, bytes } = part;
    if (field === 1) name = readText(bytes);
    else if (field === 2) number = readFloats(part)[0]!;
    else if (field === 3) number = signed(varint);
    else if (field === 4) text = readText(bytes);
    else if (field === 7) numbers.push(...readFloats(part));
    else if (field === 8) numbers.push(...readIntegers(part).map(signed));
    else if (field === 20) type = Number(varint);
  }
  switch (type) {
    case 1:
      return { name, attribute: { float: number } };
    case 2:
      return { name, attribute: { int: number } };
    case 3:
      return { name, attribute: { string: text } };
    case 6:
      return { name, attribute: { floats: numbers } };
    case 7:
      return { name, attribute: { ints: numbers } };
    default:
      throw unsupported(`attribute ${name} of type ${type}`);
  }
}

function parseTensor(message: Uint8Array): { tensorName: string; tensor: OnnxTensor } {
  let tensorName = '';
  let type = 0;
  let raw = new Uint8Array(0);
  const dims: number[] = [];
  for (const part of readFields(message)) {
    const { field, varint, bytes } = part;
    if (field === 1) dims.push(...readIntegers(part).map(Number));
    else if (field === 2) type = Number(varint);
    else if (field === 8) tensorName = readText(bytes);
    // A copy (slice() of a Buffer is none): typed arrays need aligned bytes.
    else if (field === 9) raw = new Uint8Array(bytes);
  }
  const elementType = ELEMENT_TYPES[type];
  if (elementType === undefined) throw unsupported(`constant ${tensorName} of type ${type}`);
  return { tensorName, tensor: { data: typedArray(elementType, raw), dims } };
}

function typedArray(type: OnnxElementType, { buffer }: Uint8Array<ArrayBuffer>) {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'uint8':
      return new Uint8Array(buffer);
  }
}

function parseValueInfo(message: Uint8Array): OnnxValueInfo {
  let name = '';
  let type: OnnxElementType | undefined;
  const dims: (number | string)[] = [];
  for (const { field, bytes } of readFields(message)) {
    if (field === 1) name = readText(bytes);
    if (field !== 2) continue;
    for (const { bytes: tensorType } of readFields(bytes)) {
      for (const part of readFields(tensorType)) {
        if (part.field === 1) type = ELEMENT_TYPES[Number(part.varint)];
        else if (part.field === 2) dims.push(...parseShape(part.bytes));
      }
    }
  }
  if (type === undefined) throw unsupported(`value ${name} of an unknown type`);
  return { name, type, dims };
}

function* parseShape(message: Uint8Array): Generator<number | string> {
  for (const { bytes } of readFields(message)) {
    for (const { field, varint, bytes: text } of readFields(bytes)) {
      yield field === 1 ? Number(varint) : readText(text);
    }
  }
}

function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}
