import { invalid, parseFields } from './manifest-fields.js';
import type { Fields } from './manifest-fields.js';
import type { ModelConversion, ModelEntry, ModelFile, ModelManifest } from './manifest.js';
import { isSafeAddress } from './store/safe-address.js';
import { networkGraphs } from './networks/index.js';
import type { NetworkName } from './networks/index.js';

const FORMAT_VERSION = 1;

/**
 * Reads the text of `models/manifest.json`: `files`, published files by name, and `models`, networks by name, each
 * with the name of its file.
 * @throws AvdError kind `model` reason MANIFEST_INVALID, naming the place that is wrong
 */
export function parseManifest(text: string): ModelManifest {
  const root = parseFields(text);
  if (root.number('formatVersion') !== FORMAT_VERSION) {
    throw invalid(`its formatVersion is not ${FORMAT_VERSION}`);
  }
  const files = new Map<string, ModelFile>();
  for (const [name, fields] of root.objects('files')) files.set(name, parseFile(name, fields));
  const models = new Map<string, ModelEntry>();
  for (const [name, fields] of root.objects('models')) {
    models.set(name, parseModel(name, fields, files));
  }
  checkNames(files);
  return models;
}

function parseFile(name: string, fields: Fields): ModelFile {
  const sizeBytes = fields.optional('sizeBytes', fields.number);
  return {
    name,
    otherNames: fields.optional('otherNames', fields.texts) ?? [],
    origin: fields.has('npmPackage')
      ? { npmPackage: fields.text('npmPackage'), path: fields.text('path') }
      : { url: fields.text('url', isSafeAddress, 'an https address') },
    sha256: fields.sha256('sha256'),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    licence: fields.text('licence'),
    source: fields.text('source'),
  };
}

function parseModel(
  name: string,
  fields: Fields,
  files: ReadonlyMap<string, ModelFile>,
): ModelEntry {
  const fileOf = (owner: Fields, key: string): ModelFile =>
    files.get(owner.text(key, (text) => files.has(text), 'one of the files'))!;
  const paper = fields.optional('paper', (key) => fields.text(key));
  const entry: ModelEntry = {
    name,
    task: fields.text('task'),
    profiles: fields.texts('profiles'),
    ...(paper === undefined ? {} : { paper }),
    weights: fileOf(fields, 'file'),
    inputs: fields.textMap('inputs'),
    outputs: fields.textMap('outputs'),
  };
  if (!fields.has('conversion')) return entry;
  const how = fields.object('conversion');
  return { ...entry, conversion: parseConversion(name, how, () => fileOf(how, 'graph')) };
}

function parseConversion(name: string, how: Fields, graph: () => ModelFile): ModelConversion {
  const from = how.text('from', (text) => ['tfjs', 'checkpoint'].includes(text), 'a known kind');
  if (from === 'checkpoint') {
    const network = how.text(
      'network',
      (text) => Object.hasOwn(networkGraphs, text),
      'a known network',
    );
    return { from, network: network as NetworkName };
  }
  const sizeStep = how.optional('sizeStep', how.number);
  return {
    from: 'tfjs',
    graph: graph(),
    options: {
      name,
      inputName: how.text('inputName'),
      ...(sizeStep === undefined ? {} : { sizeStep }),
      outputs: how.textMap('outputs'),
    },
    onnxSha256: how.sha256('onnxSha256'),
  };
}

/** Downloaded files share one folder, so a name must mean one file, and must not lead out of the folder. */
function checkNames(files: ReadonlyMap<string, ModelFile>): void {
  const seen = new Set<string>();
  for (const file of files.values()) {
    for (const name of [file.name, ...file.otherNames]) {
      if (!/^\w[\w.-]*$/.test(name)) throw invalid(`"${name}" is not a plain file name`);
      if (seen.has(name)) throw invalid(`two files are called ${name}`);
      seen.add(name);
    }
  }
}
