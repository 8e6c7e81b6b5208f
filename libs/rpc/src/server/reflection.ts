import { status, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Descriptors } from './descriptors.js';
import { bidiStream } from './handlers.js';
import {
  decodeReflectionRequest,
  encodeReflectionResponse,
  type ReflectionAnswer,
  type ReflectionQuestion,
  type ReflectionRequest,
  type ReflectionResponse,
} from './reflection-messages.js';

/** Both versions of the protocol: grpcurl asks for v1, older tools for v1alpha. */
export const reflectionDefinitions: readonly ServiceDefinition[] = ['v1', 'v1alpha'].map(
  (version) => ({
    serverReflectionInfo: {
      path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      requestStream: true,
      responseStream: true,
      // The server never sends a request or reads a response.
      requestSerialize: ({ bytes }: ReflectionRequest): Buffer => Buffer.from(bytes),
      requestDeserialize: decodeReflectionRequest,
      responseSerialize: encodeReflectionResponse,
      responseDeserialize: (bytes: Buffer): Buffer => bytes,
    },
  }),
);

/**
 * Reflection from descriptors that are exactly as the compiler wrote them, so that a client which resolves each
 * dependency by file name (as grpcurl does) finds everything.
 *
 * @param serviceNames full names of the services to list.
 */
export function createReflection(
  descriptors: Descriptors,
  serviceNames: readonly string[],
): UntypedServiceImplementation {
  const sortedNames = [...serviceNames].sort();
  async function* answerAll(
    requests: AsyncIterable<ReflectionRequest>,
  ): AsyncGenerator<ReflectionResponse> {
    for await (const request of requests) {
      yield { request, answer: answerOf(request.question, descriptors, sortedNames) };
    }
  }
  return { serverReflectionInfo: bidiStream(answerAll) };
}

function answerOf(
  question: ReflectionQuestion,
  descriptors: Descriptors,
  serviceNames: readonly string[],
): ReflectionAnswer {
  switch (question.kind) {
    case 'listServices':
      return { kind: 'services', names: serviceNames };
    case 'fileByFilename':
      return files(descriptors.filesOf(question.fileName), `file "${question.fileName}"`);
    case 'fileContainingSymbol':
      return files(descriptors.filesDeclaring(question.symbol), `symbol "${question.symbol}"`);
    case 'fileContainingExtension': {
      const { typeName, extensionNumber } = question;
      return files(
        descriptors.filesDeclaringExtension(typeName, extensionNumber),
        `extension ${String(extensionNumber)} of "${typeName}"`,
      );
    }
    case 'allExtensionNumbersOfType': {
      const numbers = descriptors.extensionNumbersOf(question.typeName);
      return numbers === undefined
        ? notFound(`message "${question.typeName}"`)
        : { kind: 'extensionNumbers', typeName: question.typeName, numbers };
    }
    case 'none':
      return {
        kind: 'error',
        code: status.INVALID_ARGUMENT,
        message: 'The reflection request asks for nothing that is known here.',
      };
  }
}

function files(found: readonly Uint8Array[] | undefined, what: string): ReflectionAnswer {
  return found === undefined ? notFound(what) : { kind: 'files', files: found };
}

function notFound(what: string): ReflectionAnswer {
  return { kind: 'error', code: status.NOT_FOUND, message: `This server has no ${what}.` };
}
