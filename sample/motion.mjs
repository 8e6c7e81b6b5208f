/** How people move: lips with their own voice, blinking, a little swaying, a look at whoever speaks. */
import { createRandom } from './draw/raster.mjs';
import { mouthShapes } from './voices.mjs';

const BLINK_OPENNESS = [0.55, 0.1, 0, 0.15, 0.55, 0.85];

/**
 * Poses of one person for the frames of one shot.
 * @param person `{ who, x }` of the shot; `timeline` from planTimeline; `seed` for the person's own rhythm
 * @returns pose (see draw/face.mjs and draw/person.mjs) per frame of the shot
 */
export function planPoses(person, shot, timeline, frameRate, seed) {
  const mouths = timeline.lines
    .filter(({ who }) => who === person.who)
    .map(({ speech, startSec }) => mouthShapes(speech, frameRate, startSec, timeline.frameCount));
  const targets = lookTargets(person, shot, timeline, frameRate);
  const random = createRandom(seed);
  const phases = Array.from({ length: 6 }, () => random() * 2 * Math.PI);
  const blinks = planBlinks(shot.endFrame - shot.startFrame, frameRate, random);

  let turn = 0;
  let effort = 0;
  return blinks.map((eyeOpen, index) => {
    const frame = shot.startFrame + index;
    const sec = index / frameRate;
    const sway = (which, periodSec) => Math.sin((2 * Math.PI * sec) / periodSec + phases[which]);
    const open = Math.max(0, ...mouths.map((shapes) => shapes[frame].open));
    const wide = mouths.reduce(
      (sum, shapes) => sum + (shapes[frame].open > 0 ? shapes[frame].wide : 0),
      0,
    );
    turn += (targets[index] - turn) * 0.09;
    effort += (open - effort) * 0.25;
    return {
      mouthOpen: Math.min(1, open),
      mouthWide: wide,
      yaw: turn * 0.075 + 0.022 * sway(0, 4.7) + 0.012 * sway(1, 1.9),
      pitch: 0.02 * sway(2, 3.4) - 0.03 * effort,
      roll: 0.018 * sway(3, 5.3) + turn * 0.02,
      headU: 0.03 * sway(4, 6.1) + turn * 0.03,
      headV: 0.012 * sway(5, 3.1) + 0.02 * effort,
      browRaise: 0.7 * effort,
      eyeOpen,
      gazeU: turn * 0.022,
      gazeV: 0,
      breath: 0.5 + 0.5 * sway(2, 4.1),
    };
  });
}

/** -1, 0 or 1 per frame: whoever speaks is to the left, ahead (or is this person), to the right. */
function lookTargets(person, shot, timeline, frameRate) {
  const targets = [];
  for (let frame = shot.startFrame; frame < shot.endFrame; frame++) {
    const sec = frame / frameRate;
    const speaking = timeline.lines.filter(({ startSec, speech }) => {
      const endSec = startSec + speech.samples.length / speech.sampleRateHz;
      return sec >= startSec - 0.2 && sec < endSec;
    });
    const other = shot.people.find(
      ({ who }) => who !== person.who && speaking.some((line) => line.who === who),
    );
    const isSpeaking = speaking.some(({ who }) => who === person.who);
    targets.push(other === undefined || isSpeaking ? 0 : Math.sign(other.x - person.x));
  }
  return targets;
}

function planBlinks(frameCount, frameRate, random) {
  const openness = new Array(frameCount).fill(1);
  let next = Math.round((0.8 + random() * 2) * frameRate);
  while (next + BLINK_OPENNESS.length < frameCount) {
    BLINK_OPENNESS.forEach((value, i) => (openness[next + i] = value));
    next += Math.round((2 + random() * 2.6) * frameRate);
  }
  return openness;
}
