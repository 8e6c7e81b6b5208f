import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { encodeMessage, readFields, writeBytes, writeInt32, writeText } from '../wire.js';

/** The question of a ServerReflectionRequest; `none` where the client set none that is known here. */
export type ReflectionQuestion =
  | { readonly kind: 'fileByFilename'; readonly fileName: string }
  | { readonly kind: 'fileContainingSymbol'; readonly symbol: string }
  | {
      readonly kind: 'fileContainingExtension';
      readonly typeName: string;
      readonly extensionNumber: number;
    }
  | { readonly kind: 'allExtensionNumbersOfType'; readonly typeName: string }
  | { readonly kind: 'listServices' }
  | { readonly kind: 'none' };

export interface ReflectionRequest {
  readonly host: string;
  readonly question: ReflectionQuestion;
  /** The request as it came, to be sent back with the answer. */
  readonly bytes: Uint8Array;
}

export type ReflectionAnswer =
  | { readonly kind: 'files'; readonly files: readonly Uint8Array[] }
  | {
      readonly kind: 'extensionNumbers';
      readonly typeName: string;
      readonly numbers: readonly number[];
    }
  | { readonly kind: 'services'; readonly names: readonly string[] }
  | { readonly kind: 'error'; readonly code: number; readonly message: string };

export interface ReflectionResponse {
  readonly request: ReflectionRequest;
  readonly answer: ReflectionAnswer;
}

/** Parses a ServerReflectionRequest (v1 and v1alpha are the same on the wire). */
export function decodeReflectionRequest(bytes: Uint8Array): ReflectionRequest {
  let host = '';
  let question: ReflectionQuestion = { kind: 'none' };
  readFields(bytes, (fieldNumber, reader) => {
    if (fieldNumber === 1) host = reader.string();
    else if (fieldNumber === 3) question = { kind: 'fileByFilename', fileName: reader.string() };
    else if (fieldNumber === 4)
      question = { kind: 'fileContainingSymbol', symbol: reader.string() };
    else if (fieldNumber === 5) question = extensionQuestion(reader.bytes());
    else if (fieldNumber === 6) {
      question = { kind: 'allExtensionNumbersOfType', typeName: reader.string() };
    } else if (fieldNumber === 7) {
      reader.string();
      question = { kind: 'listServices' };
    } else return false;
    return true;
  });
  return { host, question, bytes };
}

/** Writes a ServerReflectionResponse. */
export function encodeReflectionResponse({ request, answer }: ReflectionResponse): Buffer {
  return encodeMessage((writer) => {
    writeText(writer, 1, request.host);
    writeBytes(writer, 2, request.bytes);
    writeBytes(
      writer,
      ANSWER_FIELD[answer.kind],
      encodeMessage((body) => writeAnswer(body, answer)),
    );
  });
}

const ANSWER_FIELD: Readonly<Record<ReflectionAnswer['kind'], number>> = {
  files: 4,
  extensionNumbers: 5,
  services: 6,
  error: 7,
};

function writeAnswer(writer: BinaryWriter, answer: ReflectionAnswer): void {
  switch (answer.kind) {
    case 'files':
      for (const file of answer.files) writeBytes(writer, 1, file);
      return;
    case 'extensionNumbers': {
      writeText(writer, 1, answer.typeName);
      const packed = encodeMessage((numbers) => {
        for (const extensionNumber of answer.numbers) numbers.int32(extensionNumber);
      });
      if (packed.length > 0) writeBytes(writer, 2, packed);
      return;
    }
    case 'services':
      for (const name of answer.names) {
        writeBytes(
          writer,
          1,
          encodeMessage((service) => writeText(service, 1, name)),
        );
      }
      return;
    case 'error':
      writeInt32(writer, 1, answer.code);
      writeText(writer, 2, answer.message);
  }
}

function extensionQuestion(bytes: Uint8Array): ReflectionQuestion {
  let typeName = '';
  let extensionNumber = 0;
  readFields(bytes, (fieldNumber, reader) => {
    if (fieldNumber === 1) typeName = reader.string();
    else if (fieldNumber === 2) extensionNumber = reader.int32();
    else return false;
    return true;
  });
  return { kind: 'fileContainingExtension', typeName, extensionNumber };
}
