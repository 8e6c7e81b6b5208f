import { damaged } from '../errors.js';
import { decodeWeights } from './weights.js';
import type { Weight, WeightSpec } from './weights.js';

/** Attribute of a TensorFlow node as the JSON form of NodeDef writes it. */
export interface TfAttribute {
  readonly s?: string;
  readonly i?: string | number;
  readonly b?: boolean;
  readonly list?: { readonly s?: readonly string[]; readonly i?: readonly (string | number)[] };
  readonly shape?: { readonly dim?: readonly { readonly size: string | number }[] };
}

export interface TfNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, TfAttribute>>;
}

/** A TensorFlow.js graph model: its nodes by name, and the values of its constants by node name. */
export interface TfGraphModel {
  readonly nodes: ReadonlyMap<string, TfNode>;
  readonly weights: ReadonlyMap<string, Weight>;
}

interface GraphModelJson {
  readonly format?: string;
  readonly modelTopology?: { readonly node?: readonly TfNode[] };
  readonly weightsManifest?: readonly { readonly weights?: readonly WeightSpec[] }[];
}

/**
 * Reads a TensorFlow.js graph model (`model.json` with its weights in one file).
 * @throws AvdError kind `model` when it is not one
 */
export function parseGraphModel(json: Uint8Array, weightBytes: Uint8Array): TfGraphModel {
  const model = parseJson(json);
  const nodes = model.modelTopology?.node;
  const groups = model.weightsManifest;
  if (model.format !== 'graph-model' || nodes === undefined || groups === undefined) {
    throw damaged('it is not a TensorFlow.js graph model');
  }
  return {
    nodes: new Map(nodes.map((node) => [node.name, node])),
    weights: decodeWeights(
      groups.flatMap((group) => group.weights ?? []),
      weightBytes,
    ),
  };
}

function parseJson(json: Uint8Array): GraphModelJson {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(json).toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch (error) {
    throw damaged('its description is not JSON', error);
  }
  throw damaged('its description is empty');
}

/** Text of an attribute; TensorFlow's JSON writes byte strings in base64. */
export function textAttribute(node: TfNode, name: string): string | undefined {
  const text = node.attr?.[name]?.s;
  return text === undefined ? undefined : fromBase64(text);
}

export function textListAttribute(node: TfNode, name: string): readonly string[] {
  return (node.attr?.[name]?.list?.s ?? []).map(fromBase64);
}

export function intListAttribute(node: TfNode, name: string): readonly number[] {
  return (node.attr?.[name]?.list?.i ?? []).map(Number);
}

export function boolAttribute(node: TfNode, name: string): boolean {
  return node.attr?.[name]?.b ?? false;
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
