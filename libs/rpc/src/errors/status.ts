import { AvdError, ERROR_KINDS, type ErrorKind } from '@avd/domain';
import { encodeMessage, readFields, writeBytes, writeInt32, writeText } from '../wire.js';
import { codeName, codeOf, kindOfCode } from './codes.js';

/** `google.rpc.Status`, of the same shape as the generated type, so that it can be stored as `job.error` as it is. */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: { readonly typeUrl: string; readonly value: Uint8Array }[];
}

/** RpcStatus as made here: values are Buffers, which generated code for Node asks for. */
export interface OwnRpcStatus extends RpcStatus {
  readonly details: { typeUrl: string; value: Buffer }[];
}

const DOMAIN = 'avdiarization.dev';
const TYPE_PREFIX = 'type.googleapis.com/google.rpc.';
/** Key of ErrorInfo.metadata that keeps the kind: two kinds can share one code. */
const KIND_KEY = 'errorKind';
const RETRY_DELAY_SEC = 1;

/**
 * The public form of an error (AIP-193): code, message and ErrorInfo {reason, domain, metadata = details};
 * RetryInfo where a retry may help; BadRequest where `details.field` names the wrong field. The cause stays here.
 */
export function toStatus(error: AvdError): OwnRpcStatus {
  const metadata = { ...error.details, [KIND_KEY]: error.kind };
  const details = [
    { typeUrl: `${TYPE_PREFIX}ErrorInfo`, value: errorInfo(error.reason, metadata) },
  ];
  if (error.retryable) {
    details.push({ typeUrl: `${TYPE_PREFIX}RetryInfo`, value: retryInfo(RETRY_DELAY_SEC) });
  }
  const field = error.details['field'];
  if (error.kind === 'invalidInput' && field !== undefined) {
    details.push({ typeUrl: `${TYPE_PREFIX}BadRequest`, value: badRequest(field, error.message) });
  }
  return { code: codeOf(error), message: error.message, details };
}

/** The error of a status: the same kind, reason, message and details for one of ours, the nearest kind for any other. */
export function fromStatus(status: RpcStatus): AvdError {
  const detail = status.details.find(({ typeUrl }) => typeUrl === `${TYPE_PREFIX}ErrorInfo`);
  const info = detail === undefined ? undefined : readErrorInfo(detail.value);
  if (info?.domain !== DOMAIN) {
    return new AvdError(kindOfCode(status.code), codeName(status.code), status.message);
  }
  const { [KIND_KEY]: kind, ...details } = info.metadata;
  return new AvdError(
    kind !== undefined && isErrorKind(kind) ? kind : kindOfCode(status.code),
    info.reason,
    status.message,
    { details },
  );
}

/** Whether the status carries an ErrorInfo of this program. */
export function isOwnStatus(status: RpcStatus): boolean {
  return status.details.some(
    ({ typeUrl, value }) =>
      typeUrl === `${TYPE_PREFIX}ErrorInfo` && readErrorInfo(value).domain === DOMAIN,
  );
}

/** Wire form of google.rpc.Status, for `grpc-status-details-bin` and for dead letters. */
export function encodeStatus(status: RpcStatus): Buffer {
  return encodeMessage((writer) => {
    writeInt32(writer, 1, status.code);
    writeText(writer, 2, status.message);
    for (const { typeUrl, value } of status.details) {
      const any = encodeMessage((anyWriter) => {
        writeText(anyWriter, 1, typeUrl);
        writeBytes(anyWriter, 2, value);
      });
      writeBytes(writer, 3, any);
    }
  });
}

/** Inverse of encodeStatus. Throws (a plain Error) on bytes that are no message. */
export function decodeStatus(bytes: Uint8Array): RpcStatus {
  let code = 0;
  let message = '';
  const details: { typeUrl: string; value: Uint8Array }[] = [];
  readFields(bytes, (fieldNumber, reader) => {
    if (fieldNumber === 1) code = reader.int32();
    else if (fieldNumber === 2) message = reader.string();
    else if (fieldNumber === 3) details.push(readAny(reader.bytes()));
    else return false;
    return true;
  });
  return { code, message, details };
}

function isErrorKind(text: string): text is ErrorKind {
  return Object.hasOwn(ERROR_KINDS, text);
}

function readAny(bytes: Uint8Array): { typeUrl: string; value: Uint8Array } {
  let typeUrl = '';
  let value: Uint8Array = new Uint8Array(0);
  readFields(bytes, (fieldNumber, reader) => {
    if (fieldNumber === 1) typeUrl = reader.string();
    else if (fieldNumber === 2) value = reader.bytes();
    else return false;
    return true;
  });
  return { typeUrl, value };
}

function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): Buffer {
  return encodeMessage((writer) => {
    writeText(writer, 1, reason);
    writeText(writer, 2, DOMAIN);
    for (const [key, value] of Object.entries(metadata)) {
      const entry = encodeMessage((entryWriter) => {
        writeText(entryWriter, 1, key);
        writeText(entryWriter, 2, value);
      });
      writeBytes(writer, 3, entry);
    }
  });
}

interface ErrorInfo {
  reason: string;
  domain: string;
  metadata: Record<string, string>;
}

function readErrorInfo(bytes: Uint8Array): ErrorInfo {
  let reason = '';
  let domain = '';
  const entries: [string, string][] = [];
  readFields(bytes, (fieldNumber, reader) => {
    if (fieldNumber === 1) reason = reader.string();
    else if (fieldNumber === 2) domain = reader.string();
    else if (fieldNumber === 3) entries.push(readMapEntry(reader.bytes()));
    else return false;
    return true;
  });
  return { reason, domain, metadata: Object.fromEntries(entries) };
}

function readMapEntry(bytes: Uint8Array): [string, string] {
  let key = '';
  let value = '';
  readFields(bytes, (fieldNumber, reader) => {
    if (fieldNumber === 1) key = reader.string();
    else if (fieldNumber === 2) value = reader.string();
    else return false;
    return true;
  });
  return [key, value];
}

function retryInfo(delaySec: number): Buffer {
  return encodeMessage((writer) => {
    writeBytes(
      writer,
      1,
      encodeMessage((duration) => writeInt32(duration, 1, delaySec)),
    );
  });
}

function badRequest(field: string, description: string): Buffer {
  return encodeMessage((writer) => {
    const violation = encodeMessage((violationWriter) => {
      writeText(violationWriter, 1, field);
      writeText(violationWriter, 2, description);
    });
    writeBytes(writer, 1, violation);
  });
}
