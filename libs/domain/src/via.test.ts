import { describe, expect, it } from 'vitest';
import type { Diarization } from './diarization.js';
import { diarizationToVia, formatViaProject } from './via.js';

const diarization: Diarization = {
  recording: 'talk',
  durationSec: 30,
  turns: [
    { speaker: 'spk01', startSec: 0, endSec: 2.5, confidence: 1, evidence: {} },
    { speaker: 'spk00', startSec: 2.48, endSec: 0.1 + 2.9 + 0.2, confidence: 1, evidence: {} },
  ],
  speakers: [
    { label: 'spk01', trackIndexes: [], talkTimeSec: 2.5, turnCount: 1 },
    { label: 'spk00', trackIndexes: [], talkTimeSec: 0.72, turnCount: 1 },
  ],
  notices: [],
};

describe('diarizationToVia', () => {
  const project = diarizationToVia(diarization, '/videos/talk.mp4');

  it('makes one temporal segment of the shown file per turn', () => {
    expect(Object.values(project.metadata)).toEqual([
      { vid: '1', flg: 0, xy: [], z: [0, 2.5], av: { '1': 'spk01' } },
      { vid: '1', flg: 0, xy: [], z: [2.48, 3.2], av: { '1': 'spk00' } },
    ]);
  });

  it('offers every speaker as an option of the attribute the segments carry', () => {
    const [attributeId, attribute] = Object.entries(project.attribute)[0]!;
    for (const { av } of Object.values(project.metadata)) {
      expect(Object.keys(attribute.options)).toContain(av[attributeId]);
    }
    expect(attribute).toMatchObject({ aname: 'Speaker', anchor_id: 'FILE1_Z2_XY0', type: 4 });
  });

  it('refers to a view and a file that exist', () => {
    for (const viewId of project.project['vid_list'] as string[]) {
      for (const fileId of project.view[viewId]!.fid_list) {
        expect(project.file[fileId]?.fid).toBe(fileId);
      }
    }
    const views = Object.values(project.metadata).map(({ vid }) => vid);
    expect(views.every((viewId) => viewId in project.view)).toBe(true);
  });

  it('names a file for the user to choose', () => {
    expect(project.file['1']).toEqual({ loc: 1, src: '', fid: '1', fname: 'talk.mp4', type: 4 });
  });

  it('links to a web address', () => {
    const web = 'https://example.org/media/talk.mp3';
    expect(diarizationToVia(diarization, web).file['1']).toEqual({
      loc: 2,
      src: web,
      fid: '1',
      fname: 'talk.mp3',
      type: 8,
    });
  });
});

describe('formatViaProject', () => {
  const text = formatViaProject(diarizationToVia(diarization, 'Gespräch "A"/日本 🎬.mp4'));

  it('is JSON with the same content', () => {
    const project = JSON.parse(text) as ReturnType<typeof diarizationToVia>;
    expect(project).toEqual(diarizationToVia(diarization, 'Gespräch "A"/日本 🎬.mp4'));
  });

  it('has a blank behind every comma and colon, and times with a decimal point', () => {
    expect(text).toContain('"flg": 0, "xy": [], "z": [0.0, 2.5], "av": {"1": "spk01"}');
  });

  it('is plain ASCII', () => {
    expect(text).toMatch(/^[ -~]*$/);
    expect(text).toContain('"\\u65e5\\u672c \\ud83c\\udfac.mp4"');
  });
});

/**
 * The rules by which VIA 3 loads a project and draws its temporal segments, each taken from its source (release 3.0.10:
 * modules data, attribute, file, view_manager, view_annotator, temporal_segmenter).
 * @returns what VIA would stumble over
 */
function viaProblems(project: unknown): string[] {
  const problems: string[] = [];
  const expectThat = (isTrue: boolean, what: string): void => {
    if (!isTrue) problems.push(what);
  };
  type Json = Record<string, Record<string, Record<string, unknown>>>;
  const store = project as Json;
  for (const part of ['project', 'config', 'attribute', 'file', 'view', 'metadata']) {
    expectThat(typeof store[part] === 'object' && !Array.isArray(store[part]), `no ${part}`);
  }
  if (problems.length > 0) return problems;

  // A project of format 3.1.0 would be converted; one with other identifiers would be looked for on a server.
  const { project: head, config } = store as Record<string, Record<string, unknown>>;
  expectThat(head!['data_format_version'] === '3.1.1', 'format version');
  expectThat(head!['pid'] === '__VIA_PROJECT_ID__', 'project.pid');
  expectThat(head!['rev'] === '__VIA_PROJECT_REV_ID__', 'project.rev');
  expectThat(head!['rev_timestamp'] === '__VIA_PROJECT_REV_TIMESTAMP__', 'project.rev_timestamp');
  expectThat(typeof head!['pname'] === 'string' && head!['pname'] !== '', 'project.pname');

  // The address of a file is the prefix of its place (1 to 4) and its src; `ui` is written to without a check.
  const prefixes = (config!['file'] as Record<string, unknown>)?.['loc_prefix'];
  expectThat(Object.keys(prefixes ?? {}).join() === '1,2,3,4', 'config.file.loc_prefix');
  const ui = config!['ui'] as Record<string, unknown> | undefined;
  expectThat(ui !== undefined && !Array.isArray(ui), 'config.ui');
  const height = ui?.['gtimeline_container_height'];
  const knownHeights = '17 20 24 28 33 37 41 45 49 53 61 69 76 85'.split(' ');
  expectThat(height === undefined || knownHeights.includes(height as string), 'height of the rows');

  const isId = (id: string): boolean => /^[1-9]\d*$/.test(id);
  for (const [id, { fid, fname, type, loc, src }] of Object.entries(store['file']!)) {
    expectThat(isId(id) && String(fid) === id, `file ${id}: fid`);
    expectThat(typeof fname === 'string' && fname !== '', `file ${id}: fname`);
    expectThat([2, 4, 8].includes(type as number), `file ${id}: type`);
    expectThat([1, 2, 3, 4].includes(loc as number), `file ${id}: loc`);
    // A local file is asked for by name; every other place needs an address.
    expectThat(loc === 1 ? src === '' : typeof src === 'string' && src !== '', `file ${id}: src`);
  }
  const views = Object.keys(store['view']!);
  expectThat(
    JSON.stringify(head!['vid_list']) === JSON.stringify(views) && views.length > 0,
    'project.vid_list is not the list of views',
  );
  for (const [id, { fid_list }] of Object.entries(store['view']!)) {
    const files = fid_list as unknown[];
    expectThat(isId(id), `view ${id}: identifier`);
    expectThat(
      files.length === 1 && files.every((fid) => String(fid) in store['file']!),
      `view ${id}: fid_list`,
    );
  }

  // The rows come from the first attribute of temporal segments; without one VIA shows a sentence instead.
  const temporal = Object.entries(store['attribute']!).filter(
    ([, { anchor_id }]) => anchor_id === 'FILE1_Z2_XY0',
  );
  expectThat(temporal.length > 0, 'no attribute of temporal segments');
  for (const [id, entry] of Object.entries(store['attribute']!)) {
    const { aname, type, desc, options, default_option_id: preset } = entry;
    expectThat(isId(id), `attribute ${id}: identifier`);
    expectThat(typeof aname === 'string' && aname !== '', `attribute ${id}: aname`);
    expectThat([1, 2, 3, 4, 5].includes(type as number), `attribute ${id}: type`);
    expectThat(typeof desc === 'string', `attribute ${id}: desc`);
    const texts = Object.values((options ?? {}) as Record<string, unknown>);
    expectThat(
      options !== undefined && texts.every((text) => typeof text === 'string'),
      `attribute ${id}: options`,
    );
    expectThat(preset === '' || String(preset) in (options as object), `attribute ${id}: default`);
  }
  const [rowAttribute, { options: rows = {} } = {}] = temporal[0] ?? [];
  for (const [id, { vid, flg, z, xy, av }] of Object.entries(store['metadata']!)) {
    // New identifiers are the view's, an underscore and letters or digits.
    expectThat(new RegExp(`^${String(vid)}_\\w+$`).test(id), `segment ${id}: identifier`);
    expectThat(views.includes(vid as string), `segment ${id}: vid`);
    expectThat(flg === 0, `segment ${id}: flg`);
    const times = z as unknown[];
    const [start, end] = times as [number, number];
    expectThat(
      times.length === 2 && times.every((time) => typeof time === 'number') && start <= end,
      `segment ${id}: z`,
    );
    expectThat(
      times.every((time) => Number((time as number).toFixed(3)) === time),
      `segment ${id}: more than three decimals`,
    );
    expectThat(Array.isArray(xy) && xy.length === 0, `segment ${id}: xy`);
    const row = (av as Record<string, unknown>)[String(rowAttribute)];
    expectThat(typeof row === 'string' && Object.hasOwn(rows as object, row), `segment ${id}: av`);
  }
  return problems;
}

describe('a project for VIA 3', () => {
  const written = (media: string, result: Diarization = diarization): unknown =>
    JSON.parse(formatViaProject(diarizationToVia(result, media)));

  it.each(['talk.mp4', '/videos/talk.wav', 'https://example.org/talk.webm'])(
    'follows its rules for %s',
    (media) => {
      expect(viaProblems(written(media))).toEqual([]);
    },
  );

  it('follows them where nobody speaks, and for any name', () => {
    const nobody = { ...diarization, turns: [], speakers: [] };
    expect(viaProblems(written('talk.mp4', nobody))).toEqual([]);
    const labels = ['A & "B" <c>', '__proto__', '7', 'Zoë 日本'];
    const turns = labels.map((speaker, i) => ({
      ...{ speaker, startSec: i / 3, endSec: i / 3 + 1, confidence: 1, evidence: {} },
    }));
    const speakers = labels.map((label) => ({
      ...{ label, trackIndexes: [], talkTimeSec: 1, turnCount: 1 },
    }));
    expect(viaProblems(written('talk.mp4', { ...diarization, turns, speakers }))).toEqual([]);
  });

  type Change = (project: Record<string, Record<string, Record<string, unknown>>>) => unknown;
  it.each<[string, Change]>([
    ['project.vid_list', (p) => (p['project']!['vid_list'] = ['2'] as never)],
    ['config.ui', (p) => Reflect.deleteProperty(p['config']!, 'ui')],
    ['loc_prefix', (p) => (p['config']!['file'] = {})],
    ['no view', (p) => Reflect.deleteProperty(p, 'view')],
    ['file 1: fid', (p) => (p['file']!['1']!['fid'] = '2')],
    ['view 1: fid_list', (p) => (p['view']!['1']!['fid_list'] = ['3'])],
    ['no attribute', (p) => (p['attribute']!['1']!['anchor_id'] = 'FILE1_Z0_XY0')],
    ['segment 1_0: vid', (p) => (p['metadata']!['1_0']!['vid'] = 1)],
    ['segment 1_0: z', (p) => (p['metadata']!['1_0']!['z'] = [1])],
    ['three decimals', (p) => (p['metadata']!['1_0']!['z'] = [1, 1.23456])],
    ['segment 1_0: xy', (p) => (p['metadata']!['1_0']!['xy'] = [2, 0, 0, 9, 9])],
    ['segment 1_0: av', (p) => (p['metadata']!['1_0']!['av'] = { 1: 'nobody' })],
  ])('would be seen to break the rule: %s', (problem, change) => {
    const project = written('talk.mp4') as Parameters<Change>[0];
    change(project);
    expect(viaProblems(project).join('; ')).toContain(problem);
  });
});
