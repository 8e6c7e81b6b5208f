import { AvdError, recordingName, type RttmTurn } from '@avd/domain';
import { isObject } from './read-document.js';

/** Attribute of temporal segments in a VIA 3 project. */
const TEMPORAL_ANCHOR = 'FILE1_Z2_XY0';
const WEB_ADDRESS = 2;

type Entry = Readonly<Record<string, unknown>>;

export interface ViaContent {
  /** In the order of time; `recording` is the name of the file they belong to. */
  readonly turns: readonly RttmTurn[];
  /** By recording: name or web address of the file. */
  readonly media: ReadonlyMap<string, string>;
  readonly notices: readonly string[];
}

/** True for JSON that looks like a VIA 3 project. */
export function isViaProject(value: unknown): boolean {
  return isObject(value) && isObject(value['metadata']) && isObject(value['attribute']);
}

/**
 * Temporal segments of a VIA 3 project. Their row is the speaker: the value of the attribute called "Speaker", else of
 * the first attribute of temporal segments, which is what VIA itself shows first.
 *
 * @throws AvdError invalidInput BAD_VIA naming the part that is wrong
 */
export function readVia(value: unknown): ViaContent {
  if (!isObject(value) || !isViaProject(value)) throw bad('this is not a VIA 3 project');
  const files = entriesOf(value['file']);
  const views = entriesOf(value['view']);
  const attributes = [...entriesOf(value['attribute'])];
  const temporal = attributes.filter(([, entry]) => entry['anchor_id'] === TEMPORAL_ANCHOR);
  const [attributeId, attribute] =
    temporal.find(([, { aname }]) => String(aname).toLowerCase() === 'speaker') ??
    temporal[0] ??
    [];
  if (attributeId === undefined || attribute === undefined) {
    throw bad('the project has no attribute of temporal segments');
  }
  const turns: RttmTurn[] = [];
  const media = new Map<string, string>();
  let otherCount = 0;
  for (const [id, segment] of entriesOf(value['metadata'])) {
    const { z, xy, av } = segment;
    const choice = isObject(av) ? av[attributeId] : undefined;
    const isSegment = Array.isArray(z) && z.length === 2 && (!Array.isArray(xy) || xy.length === 0);
    if (!isSegment || choice === undefined) {
      otherCount++;
      continue;
    }
    const file = files.get(firstFileOf(views.get(String(segment['vid']))));
    if (file === undefined) throw bad(`segment ${id} belongs to no file`);
    const [startSec, endSec] = z.map(toSec) as [number, number];
    if (!(startSec >= 0 && endSec >= startSec)) throw bad(`segment ${id} has no readable times`);
    const speaker = shownText(attribute, textOf(choice));
    if (speaker === '') throw bad(`segment ${id} names no speaker`);
    const name = textOf(file['fname']) || textOf(file['src']);
    const recording = recordingName(name);
    media.set(recording, file['loc'] === WEB_ADDRESS ? String(file['src']) : name);
    turns.push({ recording, speaker, startSec, endSec });
  }
  turns.sort((a, b) => a.startSec - b.startSec || a.endSec - b.endSec);
  return {
    turns,
    media: media.size > 0 ? media : onlyFile(files),
    notices:
      otherCount === 0
        ? []
        : [
            `Annotations that are no segments of the attribute "${String(attribute['aname'])}" are left out: ${otherCount}.`,
          ],
  };
}

/** A project in which nobody speaks still names its file. */
function onlyFile(files: ReadonlyMap<string, Entry>): ReadonlyMap<string, string> {
  const [file] = files.values();
  const name = textOf(file?.['fname']);
  return new Map(name === '' ? [] : [[recordingName(name), name]]);
}

function entriesOf(value: unknown): ReadonlyMap<string, Entry> {
  const entries = isObject(value) ? Object.entries(value) : [];
  return new Map(
    entries.filter((entry): entry is [string, Record<string, unknown>] => isObject(entry[1])),
  );
}

function firstFileOf(view: Entry | undefined): string {
  const list: unknown = view?.['fid_list'];
  return Array.isArray(list) ? String(list[0]) : '';
}

/** Identifiers and names are texts or numbers; anything else is no name. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** VIA also writes times as text. */
function toSec(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
    ? Number(value)
    : NaN;
}

/** Attributes to choose from hold the identifier of an option; free text holds the text. */
function shownText({ options }: Entry, choice: string): string {
  const text = isObject(options) && Object.hasOwn(options, choice) ? options[choice] : choice;
  return String(text).trim();
}

function bad(what: string): AvdError {
  return new AvdError('invalidInput', 'BAD_VIA', `via: ${what}.`);
}
