import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { AvdError } from '@avd/domain';
import { encodeStatus, toStatus } from './status.js';

/** Metadata key of the encoded google.rpc.Status. */
export const STATUS_DETAILS_KEY = 'grpc-status-details-bin';
/** Trailers travel as headers, and peers refuse more than 8 KiB of them. */
const MAX_MESSAGE_CHARS = 1024;
const MAX_DETAILS_BYTES = 4096;

/**
 * What a client may know of anything that a handler threw: an AvdError as it is, a full disk without its path,
 * and one fixed sentence for the rest, whose text could hold paths or secrets.
 */
export function toPublicError(error: unknown): AvdError {
  if (error instanceof AvdError) return error;
  const { kind, reason } = AvdError.from(error);
  if (kind === 'resourceExhausted') {
    return new AvdError(kind, reason, 'A disk of the server is full; free some space there.', {
      cause: error,
    });
  }
  return new AvdError(
    'internal',
    'INTERNAL',
    "Something went wrong inside the avd server; the server's log has the details.",
    { cause: error },
  );
}

/** The error in the form that grpc-js sends: code, text and `grpc-status-details-bin`. */
export function toServiceError(error: AvdError): ServiceError {
  const message = headerText(error.message);
  const status = toStatus(error);
  let encoded = encodeStatus({ ...status, message });
  if (encoded.length > MAX_DETAILS_BYTES) {
    // Kind and reason must arrive; long details need not.
    const short = new AvdError(error.kind, error.reason, message);
    encoded = encodeStatus(toStatus(short));
  }
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS_KEY, encoded);
  return Object.assign(new Error(message), { code: status.code, details: message, metadata });
}

function headerText(text: string): string {
  // grpc-js percent-encodes the text with encodeURI, which throws on half of a surrogate pair.
  return text.slice(0, MAX_MESSAGE_CHARS).replace(/[\ud800-\udfff]/gu, '\ufffd');
}
