import type { Diarization } from './diarization.js';

/**
 * The parts of a project file of the VIA 3 annotator (VGG, Oxford; facts from its source, release 3.0.10) that temporal
 * segments need. Numbers in names (`"1"`) are identifiers.
 */
export interface ViaProject {
  readonly file: Readonly<Record<string, ViaFile>>;
  readonly metadata: Readonly<Record<string, ViaMetadata>>;
  readonly attribute: Readonly<Record<string, ViaAttribute>>;
  readonly project: Readonly<Record<string, string | number | readonly string[]>>;
  /** What is shown together: here one file. */
  readonly view: Readonly<Record<string, { readonly fid_list: readonly string[] }>>;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface ViaFile {
  /** 1: chosen by the user in the browser, 2: web address. */
  readonly loc: 1 | 2;
  readonly src: string;
  readonly fid: string;
  readonly fname: string;
  /** 4: video, 8: sound. */
  readonly type: 4 | 8;
}

/** One temporal segment. */
export interface ViaMetadata {
  readonly vid: string;
  readonly flg: 0;
  readonly xy: readonly number[];
  /** Start and end in seconds. */
  readonly z: readonly [number, number];
  /** Attribute identifier to value; the value is an option identifier. */
  readonly av: Readonly<Record<string, string>>;
}

export interface ViaAttribute {
  readonly desc: string;
  /** 4: one of `options`. */
  readonly type: 4;
  readonly default_option_id: string;
  /** `FILE1_Z2_XY0`: belongs to a temporal segment of one file. */
  readonly anchor_id: 'FILE1_Z2_XY0';
  readonly aname: string;
  /** Option identifier to shown text. */
  readonly options: Readonly<Record<string, string>>;
}

/**
 * Everything of a project that does not depend on its content, with the values the reference pipeline writes.
 * Its fixed time of creation keeps the file the same from run to run.
 */
export const VIA_EMPTY_PROJECT: Pick<ViaProject, 'project' | 'view' | 'config'> = {
  project: {
    pname: 'VoxConverse result',
    creator: 'VGG Image Annotator (http://www.robots.ox.ac.uk/~vgg/software/via)',
    created: 1588338896826,
    pid: '__VIA_PROJECT_ID__',
    vid_list: ['1'],
    rev_timestamp: '__VIA_PROJECT_REV_TIMESTAMP__',
    rev: '__VIA_PROJECT_REV_ID__',
  },
  view: { '1': { fid_list: ['1'] } },
  config: {
    file: { loc_prefix: { '1': '', '2': '', '3': '', '4': '' } },
    ui: {
      spatial_metadata_editor_visible: true,
      file_metadata_editor_visible: true,
      spatial_region_label_attribute_id: '',
      file_content_align: 'center',
      gtimeline_container_height: '45',
    },
  },
};

const SOUND_EXTENSIONS = /\.(aac|flac|m4a|mp3|oga|ogg|opus|wav)$/i;
const WEB_ADDRESS = /^https?:\/\//i;

/**
 * A VIA 3 project with one timeline row per speaker and one segment per turn. VIA opens a web address by itself; for a
 * file it asks for the file by name, as a browser must.
 *
 * @param media path or web address of the recording
 */
export function diarizationToVia(diarization: Diarization, media: string): ViaProject {
  const isWeb = WEB_ADDRESS.test(media);
  const fname = media.split(/[/\\]/).at(-1)!;
  const metadata: Record<string, ViaMetadata> = {};
  for (const [index, turn] of diarization.turns.entries()) {
    metadata[`1_${index}`] = {
      vid: '1',
      flg: 0,
      xy: [],
      z: [roundToMillis(turn.startSec), roundToMillis(turn.endSec)],
      av: { '1': turn.speaker },
    };
  }
  const labels = diarization.speakers.map(({ label }) => label);
  return {
    file: {
      '1': {
        loc: isWeb ? 2 : 1,
        src: isWeb ? media : '',
        fid: '1',
        fname,
        type: SOUND_EXTENSIONS.test(fname) ? 8 : 4,
      },
    },
    metadata,
    attribute: {
      '1': {
        desc: 'Who is speaking',
        type: 4,
        default_option_id: '',
        anchor_id: 'FILE1_Z2_XY0',
        aname: 'Speaker',
        options: Object.fromEntries(labels.map((label) => [label, label])),
      },
    },
    ...VIA_EMPTY_PROJECT,
    project: {
      ...VIA_EMPTY_PROJECT.project,
      pname: diarization.recording,
      data_format_version: '3.1.1',
    },
  };
}

/** VIA keeps three decimals. */
function roundToMillis(timeSec: number): number {
  return Math.round(timeSec * 1000) / 1000;
}

/**
 * Text of a project file, laid out as Python's `json.dump` does it (the reference's bytes): `, ` and `: ` between parts,
 * times always with a decimal point, all beyond ASCII escaped.
 */
export function formatViaProject(project: ViaProject): string {
  return pythonJson(project, false);
}

function pythonJson(value: unknown, isTime: boolean): string {
  if (Array.isArray(value)) {
    return `[${value.map((item) => pythonJson(item, isTime)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, member]) => `${asciiString(key)}: ${pythonJson(member, key === 'z')}`,
    );
    return `{${members.join(', ')}}`;
  }
  if (typeof value === 'number')
    return isTime && Number.isInteger(value) ? `${value}.0` : String(value);
  return typeof value === 'string' ? asciiString(value) : JSON.stringify(value);
}

function asciiString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
