import type { GraphModelConversion } from './tfjs/graph-model-to-onnx.js';

/** Where the bytes of a file come from: a file inside an npm package this project depends on. */
export interface ModelOrigin {
  readonly npmPackage: string;
  /** Path inside the package. */
  readonly file: string;
}

/** One published file; checked against size and hash before use. */
export interface ModelFile {
  readonly origin: ModelOrigin;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** A network this project can use. */
export interface ModelEntry {
  readonly name: string;
  /** What it does, one line for the user. */
  readonly task: string;
  /** Profiles which use it. */
  readonly profiles: readonly string[];
  /** SPDX identifier of the licence the file is published under. */
  readonly licence: string;
  /** Repository the weights come from. */
  readonly source: string;
  readonly paper?: string;
  readonly weights: ModelFile;
  /** Present for a TensorFlow.js graph model: its description, and how it is rewritten as ONNX. */
  readonly tfjs?: {
    readonly graph: ModelFile;
    readonly conversion: GraphModelConversion;
    /** SHA-256 of the ONNX file the conversion makes. */
    readonly onnxSha256: string;
  };
}

const humanPackage = '@vladmandic/human';

/**
 * Every network by name. The picture networks take `image`, float32 [1, 3, height, width], RGB,
 * channels first; the range of the values is stated with each.
 */
const entries: readonly ModelEntry[] = [
  {
    name: 'silero-vad',
    task: 'finds speech (Silero VAD v6)',
    profiles: ['lite', 'modern'],
    licence: 'MIT',
    source: 'https://github.com/snakers4/silero-vad',
    weights: {
      origin: { npmPackage: '@ricky0123/vad-web', file: 'dist/silero_vad_v6.onnx' },
      sha256: '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3',
      sizeBytes: 2327524,
    },
  },
  {
    // Any height and width that are multiples of 32, values in [-1, 1].
    // Outputs for each 16 px and each 32 px cell of the picture: 2 or 6 anchors, each with a score (a logit)
    // and 16 numbers in pixels (box centre and size, 6 key points, relative to the centre of the cell).
    name: 'blazeface',
    task: 'finds faces (BlazeFace, back camera model)',
    profiles: ['lite'],
    licence: 'MIT',
    source: 'https://github.com/vladmandic/human',
    paper: 'https://arxiv.org/abs/1907.05047',
    weights: {
      origin: { npmPackage: humanPackage, file: 'models/blazeface.bin' },
      sha256: 'dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72',
      sizeBytes: 538928,
    },
    tfjs: {
      graph: {
        origin: { npmPackage: humanPackage, file: 'models/blazeface.json' },
        sha256: 'cd7bbfc078270572beb39f9e5ae67aadbd50b5e67cff37e6d4f6b3ea39312e5f',
        sizeBytes: 79038,
      },
      conversion: {
        name: 'blazeface',
        inputName: 'image',
        sizeStep: 32,
        outputs: {
          Identity: 'scores16',
          Identity_2: 'boxes16',
          Identity_1: 'scores32',
          Identity_3: 'boxes32',
        },
      },
      onnxSha256: '6daec3e7c51904ef6abf07f259426feac4f04be91a6896611740817154806205',
    },
  },
  {
    // 192x192 picture of one face, values in [0, 1]; mesh: 468 points x, y, z in pixels of it; face: probability of a face.
    name: 'facemesh',
    task: 'follows lips and face shape (MediaPipe face mesh)',
    profiles: ['lite'],
    licence: 'MIT',
    source: 'https://github.com/vladmandic/human',
    paper: 'https://arxiv.org/abs/1907.06724',
    weights: {
      origin: { npmPackage: humanPackage, file: 'models/facemesh.bin' },
      sha256: '3826da640b0a3021161605369ee6af293f75d518040355b960ec71a3390c1c0b',
      sizeBytes: 1477958,
    },
    tfjs: {
      graph: {
        origin: { npmPackage: humanPackage, file: 'models/facemesh.json' },
        sha256: 'b60ca26f404724f43bd2b1575761d8265180e1f053cc0731caa68462927309e7',
        sizeBytes: 95845,
      },
      conversion: {
        name: 'facemesh',
        inputName: 'image',
        outputs: { Identity_2: 'mesh', Identity_1: 'face' },
      },
      onnxSha256: '87e20d67090dc766534e77cb2263aeee1d113262078ef920bcb8e787dd274963',
    },
  },
  {
    // 224x224 picture of one face, values in [0, 255]; descriptor: 1024 numbers >= 0, alike for the same person.
    // The age and gender outputs of the network are left out.
    name: 'faceres',
    task: 'recognises faces (HSE FaceRes, MobileNet)',
    profiles: ['lite'],
    licence: 'MIT',
    source: 'https://github.com/vladmandic/human',
    paper: 'https://doi.org/10.7717/peerj-cs.197',
    weights: {
      origin: { npmPackage: humanPackage, file: 'models/faceres.bin' },
      sha256: '2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b',
      sizeBytes: 6978814,
    },
    tfjs: {
      graph: {
        origin: { npmPackage: humanPackage, file: 'models/faceres.json' },
        sha256: '5b83d49c0385d2e68a05122441b94226313677cae9fcc40b9587ad50079eb4df',
        sizeBytes: 71432,
      },
      conversion: {
        name: 'faceres',
        inputName: 'image',
        outputs: { 'global_pooling/Mean': 'descriptor' },
      },
      onnxSha256: 'ad94329626afb27c752f90a122c7484cabc07fde064dad78b094e5b7c5ac89a4',
    },
  },
];

export const modelManifest: ReadonlyMap<string, ModelEntry> = new Map(
  entries.map((entry) => [entry.name, entry]),
);
