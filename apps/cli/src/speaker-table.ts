import type { Diarization } from '@avd/domain';

/** The summary a person reads: speaker, turns, talk time, share of all talk. */
export function speakerTable({ speakers }: Diarization): string {
  if (speakers.length === 0) return 'Nobody speaks.\n';
  const allTalkSec = speakers.reduce((sum, { talkTimeSec }) => sum + talkTimeSec, 0);
  const rows = speakers.map((speaker) => [
    speaker.label,
    speaker.trackIndexes.length > 0 ? 'yes' : 'no',
    String(speaker.turnCount),
    formatClock(speaker.talkTimeSec),
    `${((100 * speaker.talkTimeSec) / allTalkSec).toFixed(1)} %`,
  ]);
  const header = ['speaker', 'seen', 'turns', 'talk time', 'share'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return (
    [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join(
      '\n',
    ) + '\n'
  );
}

/** 75.3 -> "1:15.3"; hours only when there are some. */
function formatClock(timeSec: number): string {
  const tenths = Math.round(timeSec * 10);
  const seconds = `${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`;
  const minutes = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36_000);
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
    : `${minutes}:${seconds}`;
}
