import { AvdError } from '@avd/domain';
import { describe, expect, it } from 'vitest';
import { modelManifest } from './manifest.js';
import { parseManifest } from './parse-manifest.js';
import { profilesOf, selectModels } from './store/select-models.js';

const names = (words: readonly string[]): string[] =>
  selectModels(words, modelManifest).map(({ name }) => name);

describe('models/manifest.json', () => {
  it('has the networks of every profile', () => {
    expect(profilesOf(modelManifest)).toEqual(['lite', 'modern', 'voxconverse']);
    expect(names(['voxconverse'])).toEqual([
      's3fd',
      'syncnet-lip',
      'syncnet-audio',
      'vggface-resnet50',
      'resnetse34v2',
    ]);
    expect(names(['modern'])).toEqual(['silero-vad', 'faceres', 'lr-asd-ava', 'yunet']);
  });

  it('makes both towers of SyncNet from one file', () => {
    const lip = modelManifest.get('syncnet-lip');
    expect(modelManifest.get('syncnet-audio')?.weights).toBe(lip?.weights);
    expect(lip?.weights.name).toBe('syncnet.model');
  });
});

describe('selectModels', () => {
  it('takes names, profiles and all of them, each network once', () => {
    expect(names(['all'])).toEqual([...modelManifest.keys()]);
    expect(names(['yunet', 'modern', 'yunet'])).toEqual([
      'yunet',
      'silero-vad',
      'faceres',
      'lr-asd-ava',
    ]);
    expect(names([])).toEqual([]);
  });

  it('names what there is when asked for something else', () => {
    expect(() => names(['yunet', 'yolo'])).toThrow(
      /no model yolo; known models: silero-vad, .*lite/,
    );
  });
});

describe('parseManifest', () => {
  const file = {
    url: 'https://example.org/a.onnx',
    sha256: 'a'.repeat(64),
    licence: 'MIT',
    source: 'https://example.org',
  };
  const model = { task: 't', profiles: [], file: 'a.onnx', inputs: {}, outputs: {} };
  const parse = (fileChange: object, modelChange: object = {}, name = 'a.onnx') =>
    parseManifest(
      JSON.stringify({
        formatVersion: 1,
        files: { [name]: { ...file, ...fileChange } },
        models: { a: { ...model, ...modelChange } },
      }),
    );

  it('reads a minimal list', () => {
    expect(parse({}).get('a')).toEqual({
      name: 'a',
      task: 't',
      profiles: [],
      inputs: {},
      outputs: {},
      weights: {
        name: 'a.onnx',
        otherNames: [],
        origin: { url: file.url },
        sha256: file.sha256,
        licence: 'MIT',
        source: file.source,
      },
    });
  });

  it.each([
    ['"url" of the file, files, a.onnx is not an https address', { url: 'http://example.org/a' }],
    ['"url" of the file', { url: 'file:///a' }],
    ['is not 64 hexadecimal digits', { sha256: 'A'.repeat(64) }],
    ['"sizeBytes" of the file, files, a.onnx is not a whole number', { sizeBytes: 1.5 }],
    ['"otherNames" of the file, files, a.onnx is not a list of texts', { otherNames: [1] }],
    ['"../b" is not a plain file name', { otherNames: ['../b'] }],
    ['two files are called a.onnx', { otherNames: ['a.onnx'] }],
    ['"licence" of the file, files, a.onnx is not text', { licence: '' }],
  ])('refuses a file: %s', (message, change) => {
    expect(() => parse(change)).toThrow(message);
    expect(() => parse(change)).toThrow(AvdError);
  });

  it.each([
    ['"file" of the file, models, a is not one of the files', { file: 'b.onnx' }],
    ['the file, models, a, inputs is not an object', { inputs: [] }],
    ['is not a known network', { conversion: { from: 'checkpoint', network: 'toString' } }],
    ['is not a known kind', { conversion: { from: 'caffe' } }],
  ])('refuses a network: %s', (message, change) => {
    expect(() => parse({}, change)).toThrow(message);
  });

  it('refuses other texts', () => {
    expect(() => parseManifest('{')).toThrow('it is not JSON');
    expect(() => parseManifest('[]')).toThrow('the file is not an object');
    expect(() => parseManifest('{"formatVersion":2}')).toThrow('its formatVersion is not 1');
  });
});
