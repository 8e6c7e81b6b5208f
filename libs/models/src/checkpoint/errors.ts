import { AvdError } from '@avd/domain';

/** The file is no checkpoint, ends early or contradicts itself. */
export function damagedCheckpoint(what: string): AvdError {
  return new AvdError('model', 'CHECKPOINT_DAMAGED', `The checkpoint cannot be read: ${what}.`);
}

/** The file wants code to be run, or makes an object that is not a tensor or plain data. */
export function unsafeCheckpoint(what: string): AvdError {
  const message = `The checkpoint was refused because it holds more than tensors: ${what}.`;
  return new AvdError('model', 'CHECKPOINT_UNSAFE', message);
}

/** The file is a checkpoint, but of a kind that is not read here. */
export function unsupportedCheckpoint(what: string): AvdError {
  const message = `The checkpoint is of a kind that is not supported: ${what}.`;
  return new AvdError('model', 'CHECKPOINT_UNSUPPORTED', message);
}

/** The tensors are not those of the network. */
export function mismatchedCheckpoint(what: string): AvdError {
  const message = `The checkpoint does not fit the network: ${what}.`;
  return new AvdError('model', 'CHECKPOINT_MISMATCH', message);
}

/** Text of an untrusted file for a message: printable ASCII, at most 80 characters. */
export function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80)}"`;
}

/** Puts the name of the file into an error of this module; others stay as they are. */
export function namingFile(error: unknown, filePath: string): unknown {
  if (!(error instanceof AvdError) || error.kind !== 'model' || 'file' in error.details)
    return error;
  const message = error.message.replace(/^The checkpoint/, `The checkpoint ${filePath}`);
  const options = { details: { file: filePath }, cause: error };
  return new AvdError(error.kind, error.reason, message, options);
}
