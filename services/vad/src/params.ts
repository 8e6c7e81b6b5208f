import { AvdError } from '@avd/domain';

/** Parameters of `vad.DetectSpeech`; what is left out is as in the reference. */
export interface DetectSpeechParams {
  readonly detector: 'pywebrtcvad' | 'silero';
  /** WebRTC: aggressiveness, 0 finds the most speech. @default 3 */
  readonly mode?: 0 | 1 | 2 | 3;
  /** WebRTC: length of a frame. @default 30 */
  readonly frameMs?: 10 | 20 | 30;
  /** WebRTC: span of the vote that opens and closes a segment. @default 300 @minimum frameMs */
  readonly paddingMs?: number;
  /** Silero: probability at which speech begins. @default 0.5 */
  readonly threshold?: number;
  /** Silero: shorter speech is dropped. @default 250 */
  readonly minSpeechMs?: number;
  /** Silero: silence that ends a segment. @default 100 */
  readonly minSilenceMs?: number;
  /** Silero: padding on both sides. @default 30 */
  readonly speechPadMs?: number;
  /** Silero: longer speech is cut. @default no limit */
  readonly maxSpeechSec?: number;
  /** Silero: round times to 0.1 s, as the reference does. @default true */
  readonly roundToTenthSec?: boolean;
}

export type ResolvedDetectSpeechParams = Required<Omit<DetectSpeechParams, 'maxSpeechSec'>> &
  Pick<DetectSpeechParams, 'maxSpeechSec'>;

const REFERENCE_PARAMS = {
  mode: 3,
  frameMs: 30,
  paddingMs: 300,
  threshold: 0.5,
  minSpeechMs: 250,
  minSilenceMs: 100,
  speechPadMs: 30,
  roundToTenthSec: true,
} as const;

/**
 * Fills in the defaults and checks the ranges.
 * @throws AvdError kind `invalidInput`, reason INVALID_VAD_PARAMS
 */
export function resolveDetectSpeechParams(params: DetectSpeechParams): ResolvedDetectSpeechParams {
  const resolved: ResolvedDetectSpeechParams = { ...REFERENCE_PARAMS, ...params };
  const { detector, mode, frameMs, paddingMs, threshold, maxSpeechSec = Infinity } = resolved;
  check(
    ['pywebrtcvad', 'silero'].includes(detector),
    'detector must be "pywebrtcvad" or "silero"',
    detector,
  );
  check([0, 1, 2, 3].includes(mode), 'mode must be 0, 1, 2 or 3', mode);
  check([10, 20, 30].includes(frameMs), 'frameMs must be 10, 20 or 30', frameMs);
  check(paddingMs >= frameMs, 'paddingMs must be at least frameMs', paddingMs);
  check(threshold > 0 && threshold <= 1, 'threshold must be above 0 and at most 1', threshold);
  check(maxSpeechSec > 0, 'maxSpeechSec must be above 0', maxSpeechSec);
  for (const name of ['minSpeechMs', 'minSilenceMs', 'speechPadMs'] as const) {
    check(resolved[name] >= 0, `${name} must not be negative`, resolved[name]);
  }
  return resolved;
}

function check(isRight: boolean, rule: string, value: unknown): void {
  if (isRight) return;
  throw new AvdError(
    'invalidInput',
    'INVALID_VAD_PARAMS',
    `Speech detection: ${rule}, not ${String(value)}.`,
  );
}
