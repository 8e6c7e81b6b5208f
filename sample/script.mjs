/**
 * The little programme the sample shows: who says what, over which picture. Times follow from the spoken lines, so a
 * changed text moves everything after it. Every hard case is here on purpose:
 * a two-shot, cuts, a voice without a face, a silent face under that voice, two people at once, a listener in a group.
 */

/** espeak-ng voices: far apart in pitch (about 230, 80, 125 and 170 Hz) and in timbre. */
export const voices = {
  anna: { voice: 'en-us+f3', pitch: 60, wordsPerMinute: 162 },
  ben: { voice: 'en-gb+m3', pitch: 20, wordsPerMinute: 152 },
  omar: { voice: 'en-us+klatt4', pitch: 70, wordsPerMinute: 160 },
  narrator: { voice: 'en-gb-scotland+f5', pitch: 30, wordsPerMinute: 156 },
};

/**
 * One shot: a background, the people on screen (head centre in pixels, scale in pixels per half head) and the lines
 * spoken over it. `gapSec` is the pause before a line, counted from the end of the line before; negative overlaps it.
 */
export const shots = [
  {
    background: 'studio',
    people: [
      { who: 'anna', x: 400, y: 300, scale: 150 },
      { who: 'ben', x: 885, y: 290, scale: 158 },
    ],
    lines: [
      { who: 'anna', gapSec: 0.6, text: 'Good morning, and welcome to the garden show!' },
      {
        who: 'ben',
        gapSec: 0.5,
        text: 'Good morning Anna. Today we talk about tomatoes, and about talking.',
      },
    ],
    tailSec: 0.4,
  },
  {
    background: 'rooftop',
    people: [{ who: 'omar', x: 650, y: 310, scale: 190 }],
    lines: [
      {
        who: 'omar',
        gapSec: 0.5,
        text: 'Mine grew on this roof. Three weeks of sun, some water every evening, and nobody told the birds.',
      },
    ],
    tailSec: 0.4,
  },
  {
    background: 'hills',
    people: [],
    lines: [
      {
        who: 'narrator',
        gapSec: 0.4,
        text: 'Beyond the town, the hills are quiet. There is no face to see, and still somebody speaks.',
      },
    ],
    tailSec: 0.4,
  },
  {
    background: 'library',
    people: [{ who: 'anna', x: 620, y: 315, scale: 195 }],
    lines: [
      {
        who: 'narrator',
        gapSec: 0.4,
        text: 'This is Anna again. Her lips are closed: she only listens to me.',
      },
      {
        who: 'anna',
        gapSec: 0.5,
        text: 'I did listen, and now I answer. That voice was not mine!',
      },
    ],
    tailSec: 0.4,
  },
  {
    background: 'terrace',
    people: [
      { who: 'ben', x: 255, y: 285, scale: 128 },
      { who: 'anna', x: 640, y: 310, scale: 122 },
      { who: 'omar', x: 1030, y: 300, scale: 126 },
    ],
    lines: [
      {
        who: 'ben',
        gapSec: 0.5,
        text: 'When two people talk at once, a good listener should hear the both of us.',
      },
      {
        who: 'omar',
        gapSec: -1.5,
        text: 'Both of us? Then it must be very patient with you, Ben.',
      },
      { who: 'ben', gapSec: 0.5, text: 'It is. Thank you for listening, and good bye!' },
    ],
    tailSec: 0.8,
  },
];
