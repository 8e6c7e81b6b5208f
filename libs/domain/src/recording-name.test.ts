import { describe, expect, it } from 'vitest';
import { recordingName } from './recording-name.js';

describe('recordingName', () => {
  it.each([
    ['/a/b/clip.mp4', 'clip'],
    ['My talk.show v1.2.mp4', 'My_talk.show_v1.2'],
    ['noext', 'noext'],
    ['.hidden.mp4', '.hidden'],
    ['.hidden', '.hidden'],
    ['a..b.mp4', 'a..b'],
    ['C:\\videos\\one two.mkv', 'one_two'],
    ['tab\tand\u00a0wide\u3000space.mov', 'tab_and_wide_space'],
    ['https://example.org/media/My%20film.webm?token=a.b#t=3', 'My_film'],
    ['https://example.org/100%.mp4', '100%'],
    ['/folder/', 'folder'],
    ['', 'recording'],
  ])('names %j %j', (path, name) => {
    expect(recordingName(path)).toBe(name);
  });
});
