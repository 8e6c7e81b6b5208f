import { AvdError } from '@avd/domain';

/** Error for a model file that cannot be understood. */
export function damaged(what: string, cause?: unknown): AvdError {
  return new AvdError('model', 'MODEL_DAMAGED', `The model cannot be read: ${what}.`, { cause });
}

/** Error for a network that uses something the importer does not know. */
export function unsupported(what: string): AvdError {
  return new AvdError('model', 'MODEL_UNSUPPORTED', `The model cannot be imported: ${what}.`);
}
