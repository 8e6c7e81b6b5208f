/** Draws the frames of the programme, one after the other. */
import { copyWindow, paintBackground } from './draw/backgrounds.mjs';
import { looks } from './draw/cast.mjs';
import { paintPerson } from './draw/person.mjs';
import { createImage, createRandom, toBytes } from './draw/raster.mjs';
import { planPoses } from './motion.mjs';
import { FRAME_RATE } from './timeline.mjs';

export const WIDTH = 1280;
export const HEIGHT = 720;

/**
 * Yields RGB bytes (WIDTH x HEIGHT x 3; the same buffer each time) of every frame for which `wanted(frame)` holds, as
 * `{ frame, bytes, poses }`, poses by person.
 */
export function* renderFrames(timeline, wanted = () => true) {
  const canvas = createImage(WIDTH, HEIGHT);
  const bytes = Buffer.alloc(WIDTH * HEIGHT * 3);
  const grain = Float32Array.from({ length: WIDTH * HEIGHT }, createRandom(3));
  for (const [shotIndex, shot] of timeline.shots.entries()) {
    const { image, light } = paintBackground(shot.background, HEIGHT);
    const cast = shot.people.map((person, index) => ({
      person,
      poses: planPoses(person, shot, timeline, FRAME_RATE, 100 * shotIndex + index + 1),
    }));
    for (let frame = shot.startFrame; frame < shot.endFrame; frame++) {
      if (!wanted(frame)) continue;
      const index = frame - shot.startFrame;
      copyWindow(image, Math.min(index, image.width - WIDTH), canvas);
      for (const { person, poses } of cast) {
        paintPerson(canvas, looks[person.who], person, poses[index], light);
      }
      toBytes(canvas, grain, bytes);
      yield {
        frame,
        bytes,
        poses: Object.fromEntries(cast.map(({ person, poses }) => [person.who, poses[index]])),
      };
    }
  }
}
