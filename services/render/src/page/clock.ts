/** 75.3 -> "1:15.3"; hours only when there are some. @param decimals of the seconds, 0 to 3 */
export function formatClock(timeSec: number, decimals = 0): string {
  const unitsPerSec = 10 ** decimals;
  const units = Math.round(Math.max(0, timeSec) * unitsPerSec);
  const wholeSec = Math.floor(units / unitsPerSec);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(wholeSec / 3600);
  const minutes = Math.floor(wholeSec / 60) % 60;
  const fraction = decimals === 0 ? '' : `.${String(units % unitsPerSec).padStart(decimals, '0')}`;
  const seconds = `${two(wholeSec % 60)}${fraction}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}

/** Seconds of "75.3", "1:15.3" or "1:02:03,5"; undefined when it is something else. */
export function parseClock(text: string): number | undefined {
  const match = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)$/.exec(text.trim());
  if (match === null) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'));
}

/** A duration in words short enough for a table: "42.3 s", "5 min 12 s", "1 h 03 min". */
export function formatDuration(durationSec: number): string {
  if (durationSec < 59.95) return `${durationSec.toFixed(1)} s`;
  const wholeSec = Math.round(durationSec);
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(wholeSec / 60);
  if (minutes < 60) return `${minutes} min ${two(wholeSec % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

export function formatPercent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
