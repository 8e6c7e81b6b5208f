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
