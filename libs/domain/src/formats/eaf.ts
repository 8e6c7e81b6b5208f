import type { Diarization } from '../diarization.js';
import type { RttmTurn } from '../rttm.js';
import { badFormat, type DiarizationFormat } from './format.js';
import { escapeMarkup, unescapeMarkup } from './markup.js';
import { oneLine, speakerLanes } from './turns.js';

const MS_PER_SEC = 1000;
// The schema asks for a date; a fixed one keeps equal results equal in their bytes.
const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="1970-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
  <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/>
`;
const TAIL = `  <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>
</ANNOTATION_DOCUMENT>
`;

function writeEaf(diarization: Diarization): string {
  const slots: number[] = [];
  let tiers = '';
  for (const { speaker, spans } of speakerLanes(diarization, MS_PER_SEC)) {
    const label = escapeMarkup(oneLine(speaker));
    tiers += `  <TIER LINGUISTIC_TYPE_REF="default-lt" PARTICIPANT="${label}" TIER_ID="${label}">\n`;
    for (const [startMs, endMs] of spans) {
      slots.push(startMs, endMs);
      const refs = `TIME_SLOT_REF1="ts${slots.length - 1}" TIME_SLOT_REF2="ts${slots.length}"`;
      tiers += `    <ANNOTATION>
      <ALIGNABLE_ANNOTATION ANNOTATION_ID="a${slots.length / 2}" ${refs}>
        <ANNOTATION_VALUE>${label}</ANNOTATION_VALUE>
      </ALIGNABLE_ANNOTATION>
    </ANNOTATION>
`;
    }
    tiers += '  </TIER>\n';
  }
  const timeOrder = slots
    .map((timeMs, index) => ({ timeMs, slot: index + 1 }))
    .sort((a, b) => a.timeMs - b.timeMs || a.slot - b.slot)
    .map(({ timeMs, slot }) => `    <TIME_SLOT TIME_SLOT_ID="ts${slot}" TIME_VALUE="${timeMs}"/>\n`)
    .join('');
  return `${HEAD}  <TIME_ORDER>\n${timeOrder}  </TIME_ORDER>\n${tiers}${TAIL}`;
}

/**
 * Every time-aligned annotation is a turn; the speaker is the participant of its tier, else the tier's name.
 * Annotations of tiers that refer to another tier carry no times of their own and are skipped.
 */
function readEaf(text: string, recording: string): RttmTurn[] {
  if (!text.includes('<ANNOTATION_DOCUMENT')) throw badFormat('eaf', 'this is not an ELAN file');
  const secBySlot = new Map<string, number>();
  for (const [tag] of text.matchAll(/<TIME_SLOT\s[^>]*>/g)) {
    const timeMs = attribute(tag, 'TIME_VALUE');
    const slot = attribute(tag, 'TIME_SLOT_ID');
    if (slot !== undefined && timeMs !== undefined)
      secBySlot.set(slot, Number(timeMs) / MS_PER_SEC);
  }
  const turns: RttmTurn[] = [];
  let speaker = '';
  for (const [tag, element] of text.matchAll(/<(TIER|ALIGNABLE_ANNOTATION)\s[^>]*>/g)) {
    if (element === 'TIER') {
      speaker = attribute(tag, 'PARTICIPANT') || attribute(tag, 'TIER_ID') || '';
      continue;
    }
    const id = attribute(tag, 'ANNOTATION_ID') ?? '?';
    const startSec = secBySlot.get(attribute(tag, 'TIME_SLOT_REF1') ?? '');
    const endSec = secBySlot.get(attribute(tag, 'TIME_SLOT_REF2') ?? '');
    if (startSec === undefined || endSec === undefined) {
      throw badFormat('eaf', `annotation ${id} has no time; align it in ELAN and save again`);
    }
    if (speaker === '') throw badFormat('eaf', `annotation ${id} is in a tier without a name`);
    turns.push({ recording, speaker, startSec, endSec });
  }
  return turns;
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag);
  return value === null ? undefined : unescapeMarkup(value[1] ?? value[2] ?? '');
}

/** ELAN annotation file (EAF 3.0): one tier a speaker, times in milliseconds. */
export const eafFormat: DiarizationFormat = {
  name: 'eaf',
  extension: '.eaf',
  mediaType: 'text/x-eaf+xml',
  write: writeEaf,
  read: readEaf,
};
