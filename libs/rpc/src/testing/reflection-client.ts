import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { FileDescriptorProtoSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { Client, credentials } from '@grpc/grpc-js';
import { readFields, writeBytes, writeText } from '../wire.js';

/** What a client reads from one ServerReflectionResponse. */
export interface ReflectionReply {
  readonly files: FileDescriptorProto[];
  readonly services: string[];
  readonly extensionNumbers: number[];
  readonly error: { code: number; message: string } | undefined;
}

export interface ReflectionClient {
  ask(fill: (writer: BinaryWriter) => void): Promise<ReflectionReply>;
  close(): void;
}

/** Asks one question at a time over one call, as grpcurl does. */
export function openReflection(address: string, version: 'v1' | 'v1alpha'): ReflectionClient {
  const client = new Client(address, credentials.createInsecure());
  const call = client.makeBidiStreamRequest<Buffer, Buffer>(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    (bytes) => bytes,
    (bytes) => bytes,
  );
  call.on('error', () => undefined);
  const replies = call[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  return {
    ask: async (fill) => {
      const writer = new BinaryWriter();
      fill(writer);
      call.write(Buffer.from(writer.finish()));
      const { value } = await replies.next();
      if (value === undefined) throw new Error('no reply');
      return readReply(value);
    },
    close: () => {
      call.cancel();
      client.close();
    },
  };
}

export const askFile =
  (name: string) =>
  (writer: BinaryWriter): void =>
    writeText(writer, 3, name);
export const askSymbol =
  (symbol: string) =>
  (writer: BinaryWriter): void =>
    writeText(writer, 4, symbol);
export const askExtension = (typeName: string, extensionNumber: number) => {
  const body = new BinaryWriter();
  writeText(body, 1, typeName);
  body.tag(2, 0).int32(extensionNumber);
  const bytes = body.finish();
  return (writer: BinaryWriter): void => writeBytes(writer, 5, bytes);
};
export const askExtensionNumbers =
  (typeName: string) =>
  (writer: BinaryWriter): void =>
    writeText(writer, 6, typeName);
export const askServices = (writer: BinaryWriter): void => writeText(writer, 7, '*');

function readReply(bytes: Uint8Array): ReflectionReply {
  const reply = {
    files: [] as FileDescriptorProto[],
    services: [] as string[],
    extensionNumbers: [] as number[],
    error: undefined as ReflectionReply['error'],
  };
  readFields(bytes, (fieldNumber, reader) => {
    if (fieldNumber < 4 || fieldNumber > 7) return false;
    const body = reader.bytes();
    if (fieldNumber === 7) reply.error = { code: 0, message: '' };
    readFields(body, (bodyField, bodyReader) => {
      if (fieldNumber === 4 && bodyField === 1) {
        reply.files.push(fromBinary(FileDescriptorProtoSchema, bodyReader.bytes()));
      } else if (fieldNumber === 5 && bodyField === 2) {
        const packed = new BinaryReader(bodyReader.bytes());
        while (packed.pos < packed.len) reply.extensionNumbers.push(packed.int32());
      } else if (fieldNumber === 6 && bodyField === 1) {
        readFields(bodyReader.bytes(), (_, nameReader) => {
          reply.services.push(nameReader.string());
          return true;
        });
      } else if (reply.error !== undefined && bodyField === 1) {
        reply.error.code = bodyReader.int32();
      } else if (reply.error !== undefined && bodyField === 2) {
        reply.error.message = bodyReader.string();
      } else return false;
      return true;
    });
    return true;
  });
  return reply;
}
