import type { ServiceDefinition } from '@grpc/grpc-js';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_timestamp,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';

/** One field of bytes or text: enough to move anything through a call. */
export interface Echo {
  readonly text: string;
}

/** Test service with every shape of call; its messages are JSON on the wire. */
export const echoDefinition = {
  say: echoMethod('Say', false as const, false as const),
  list: echoMethod('List', false as const, true as const),
  collect: echoMethod('Collect', true as const, false as const),
  chat: echoMethod('Chat', true as const, true as const),
} satisfies ServiceDefinition;

function echoMethod<Req extends boolean, Res extends boolean>(
  name: string,
  requestStream: Req,
  responseStream: Res,
) {
  const serialize = (message: Echo): Buffer => Buffer.from(JSON.stringify(message));
  const deserialize = (bytes: Buffer): Echo => JSON.parse(bytes.toString()) as Echo;
  return {
    path: `/avd.test.v1.EchoService/${name}`,
    requestStream,
    responseStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  };
}

/**
 * An image of four files: the service imports the messages, which import an options file and Timestamp.
 * Holds an enum, a nested message and an extension as well.
 */
export function echoImage(): Uint8Array {
  const options = create(FileDescriptorProtoSchema, {
    name: 'avd/test/v1/options.proto',
    package: 'avd.test.v1',
    syntax: 'proto2',
    messageType: [{ name: 'Base', extensionRange: [{ start: 100, end: 200 }] }],
    extension: [
      {
        name: 'colour',
        number: 101,
        extendee: '.avd.test.v1.Base',
        label: Label.OPTIONAL,
        type: Type.STRING,
      },
    ],
  });
  const messages = create(FileDescriptorProtoSchema, {
    name: 'avd/test/v1/echo.proto',
    package: 'avd.test.v1',
    syntax: 'proto3',
    dependency: ['google/protobuf/timestamp.proto', 'avd/test/v1/options.proto'],
    messageType: [
      {
        name: 'Echo',
        field: [
          { name: 'text', number: 1, label: Label.OPTIONAL, type: Type.STRING },
          {
            name: 'at',
            number: 2,
            label: Label.OPTIONAL,
            type: Type.MESSAGE,
            typeName: '.google.protobuf.Timestamp',
          },
          {
            name: 'inner',
            number: 3,
            label: Label.OPTIONAL,
            type: Type.MESSAGE,
            typeName: '.avd.test.v1.Echo.Inner',
          },
        ],
        nestedType: [{ name: 'Inner' }],
      },
    ],
    enumType: [{ name: 'Mood', value: [{ name: 'MOOD_UNSPECIFIED', number: 0 }] }],
  });
  const echoType = '.avd.test.v1.Echo';
  const service = create(FileDescriptorProtoSchema, {
    name: 'avd/test/v1/echo_service.proto',
    package: 'avd.test.v1',
    syntax: 'proto3',
    dependency: ['avd/test/v1/echo.proto'],
    service: [
      {
        name: 'EchoService',
        method: ['Say', 'List', 'Collect', 'Chat'].map((name) => ({
          name,
          inputType: echoType,
          outputType: echoType,
          clientStreaming: name === 'Collect' || name === 'Chat',
          serverStreaming: name === 'List' || name === 'Chat',
        })),
      },
    ],
  });
  return imageOf([file_google_protobuf_timestamp.proto, options, messages, service]);
}

function imageOf(file: FileDescriptorProto[]): Uint8Array {
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
}
