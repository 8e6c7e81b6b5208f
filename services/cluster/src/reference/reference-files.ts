import { frameToSec, VIA_EMPTY_PROJECT, type ViaMetadata, type ViaProject } from '@avd/domain';
import type { ReferenceEntry, ReferenceResult } from './types.js';

/**
 * Recording name as the reference writes it: the base name up to the FIRST dot, spaces and all.
 * (`recordingName` of the domain gives a name that is always one RTTM field.)
 */
export function referenceRecordingName(mediaPath: string): string {
  const baseName = mediaPath.slice(mediaPath.lastIndexOf('/') + 1);
  return baseName.split('.', 1)[0]!;
}

/**
 * The reference's `result.rttm`, byte for byte: entries in the text order of their keys, not by time.
 *
 * @param recording written as it is, also when it has spaces; see `referenceRecordingName`
 */
export function referenceRttm(result: ReferenceResult, recording: string): string {
  const lines = byKey(result.entries).map((entry) => {
    const startSec = frameToSec(entry.startFrame);
    const durationSec = frameToSec(entry.endFrame) - startSec;
    return `SPEAKER ${recording} 1 ${startSec.toFixed(2)} ${durationSec.toFixed(2)} <NA> <NA> ${entry.label} <NA> <NA>\n`;
  });
  return lines.join('');
}

function byKey(entries: readonly ReferenceEntry[]): ReferenceEntry[] {
  return entries.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/**
 * The reference's `result.json`, a VIA 3 project; its bytes are `formatViaProject` of it.
 *
 * @param mediaPath path as the user gave it
 */
export function referenceViaProject(result: ReferenceResult, mediaPath: string): ViaProject {
  const metadata: Record<string, ViaMetadata> = {};
  for (const entry of result.entries) {
    metadata[entry.key] = {
      vid: '1',
      flg: 0,
      xy: [],
      z: [frameToSec(entry.startFrame), frameToSec(entry.endFrame)],
      av: { '1': entry.label },
    };
  }
  return {
    file: { '1': { loc: 1, src: mediaPath, fid: '1', fname: 'sample', type: 4 } },
    metadata,
    attribute: {
      '1': {
        desc: '',
        type: 4,
        default_option_id: '',
        anchor_id: 'FILE1_Z2_XY0',
        aname: 'Speaker',
        options: {},
      },
    },
    ...VIA_EMPTY_PROJECT,
  };
}
