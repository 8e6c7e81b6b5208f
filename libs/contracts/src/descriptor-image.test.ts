import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { descriptorImage, diarizationV1, stageV1 } from './index.js';

const { file: files } = fromBinary(FileDescriptorSetSchema, descriptorImage());

describe('the descriptor image', () => {
  it('has every file after all that it imports, under the name it is imported by', () => {
    const seen = new Set<string>();
    for (const { name, dependency } of files) {
      for (const imported of dependency)
        expect(seen, `${name} imports ${imported}`).toContain(imported);
      seen.add(name);
    }
    expect(seen).toContain('google/protobuf/duration.proto');
  });

  it('has the details of errors, though no message names them', () => {
    const file = files.find(({ name }) => name === 'google/rpc/error_details.proto');
    expect(file?.package).toBe('google.rpc');
    expect(file?.messageType.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ErrorInfo', 'BadRequest', 'RetryInfo', 'ResourceInfo']),
    );
  });

  it('has every service and method of the generated code', () => {
    const described = files.flatMap((file) =>
      file.service.flatMap((service) =>
        service.method.map((method) => `/${file.package}.${service.name}/${method.name}`),
      ),
    );
    const generated = [
      diarizationV1.DiarizationServiceService,
      diarizationV1.MediaServiceService,
      stageV1.StageInfoServiceService,
      stageV1.FaceTrackServiceService,
      stageV1.VadServiceService,
      stageV1.SyncNetServiceService,
      stageV1.EmbedServiceService,
      stageV1.ClusterServiceService,
    ].flatMap((service) =>
      Object.values<{ readonly path: string }>(service).map(({ path }) => path),
    );
    expect(described.sort()).toEqual(generated.sort());
    expect(described).toHaveLength(22);
  });

  it('explains itself: the comments are there', () => {
    const file = files.find(({ name }) => name.endsWith('/diarization_job.proto'));
    const comments = file?.sourceCodeInfo?.location.map(({ leadingComments }) => leadingComments);
    expect(comments?.join('')).toContain('The work on one recording');
  });

  it('is the same every time, and its bytes belong to the caller', () => {
    const image = descriptorImage();
    image.fill(0);
    expect(descriptorImage()[0]).toBe(0x0a);
  });
});
