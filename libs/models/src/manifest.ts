import { readFileSync } from 'node:fs';
import type { NetworkName } from './networks/index.js';
import { parseManifest } from './parse-manifest.js';
import type { GraphModelConversion } from './tfjs/graph-model-to-onnx.js';

/** A file inside an npm package this project depends on: there as soon as the project is installed. */
export interface NpmOrigin {
  readonly npmPackage: string;
  /** Path inside the package. */
  readonly path: string;
}

/** A file to be downloaded, by https. */
export interface UrlOrigin {
  readonly url: string;
}

/** One published file; compared with its SHA-256 before every use. */
export interface ModelFile {
  /** Its name in the folder of model files. */
  readonly name: string;
  /** Further names under which the same file is published; it is found under these as well. */
  readonly otherNames: readonly string[];
  readonly origin: NpmOrigin | UrlOrigin;
  readonly sha256: string;
  /** Absent where the publisher does not state it. */
  readonly sizeBytes?: number;
  /** SPDX identifier of the licence the file is published under. */
  readonly licence: string;
  /** Repository it comes from. */
  readonly source: string;
}

/** A downloaded file. */
export type UrlFile = ModelFile & { readonly origin: UrlOrigin };

/** How a file that is not ONNX becomes ONNX. */
export type ModelConversion =
  | {
      readonly from: 'tfjs';
      /** Description of the TensorFlow.js graph model the weights belong to. */
      readonly graph: ModelFile;
      readonly options: GraphModelConversion;
      /** SHA-256 of the ONNX file the conversion makes. */
      readonly onnxSha256: string;
    }
  /** A file of torch.save. */
  | { readonly from: 'checkpoint'; readonly network: NetworkName };

/** A network this project can use. */
export interface ModelEntry {
  readonly name: string;
  /** What it does, one line for the user. */
  readonly task: string;
  /** Profiles which use it. */
  readonly profiles: readonly string[];
  readonly paper?: string;
  readonly weights: ModelFile;
  /** Absent for a file that is ONNX already. */
  readonly conversion?: ModelConversion;
  /** Type, shape and meaning of each input by name, in words. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Networks by name. */
export type ModelManifest = ReadonlyMap<string, ModelEntry>;

/** Every network of this project: `models/manifest.json`. */
export const modelManifest: ModelManifest = parseManifest(
  // Sources and compiled files lie equally deep.
  readFileSync(new URL('../../../models/manifest.json', import.meta.url), 'utf8'),
);

export function isDownloaded(file: ModelFile): file is UrlFile {
  return 'url' in file.origin;
}

/** The published files a network is made of. */
export function filesOf({ weights, conversion }: ModelEntry): readonly ModelFile[] {
  return conversion?.from === 'tfjs' ? [weights, conversion.graph] : [weights];
}
