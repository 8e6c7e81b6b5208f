import { expect, it } from 'vitest';
import { recordingType } from './recording-type.js';

it('knows the type of a recording by the ending of its name', () => {
  expect(recordingType('/a/B.MP4')).toBe('video/mp4');
  expect(recordingType('talk.final.opus')).toBe('audio/ogg');
});

it('knows no type of anything else', () => {
  for (const name of ['x.avi', 'page.html', 'mp4', 'a.mp4/b', 'x.constructor', '']) {
    expect(recordingType(name), name).toBe('');
  }
});
