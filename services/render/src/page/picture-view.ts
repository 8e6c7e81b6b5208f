import { FRAMES_PER_SEC } from '@avd/domain';
import type { Conversation } from './corrections.js';
import { byId, fitCanvas } from './dom.js';
import {
  facePosition,
  facesByMoment,
  lipsAt,
  speakingConfidence,
  turnsByMoment,
  type FacePosition,
} from './face-at.js';
import { formatPercent } from './clock.js';
import type { Player } from './player.js';
import type { ReportData } from './report-data.js';
import type { Store } from './store.js';
import { confidenceColour, speakerColour } from './theme.js';

/** Boxes and names over the video. */
export function createPictureView(data: ReportData, store: Store, player: Player): void {
  const stage = byId('stage', HTMLElement);
  const canvas = byId('boxes', HTMLCanvasElement);
  const { picture } = data.media;
  if (picture === undefined) {
    stage.classList.add('sound-only');
    return;
  }
  stage.style.setProperty('--ratio', String(picture.width / picture.height));
  const faces = facesByMoment(data.faces);
  let turns = turnsByMoment(store.state.conversation);
  let owners = ownersOf(store.state.conversation);
  const showBoxes = byId('show-boxes', HTMLInputElement);

  const draw = (): void => {
    const { width, height } = canvas.getBoundingClientRect();
    const context = fitCanvas(canvas, width, height);
    if (!showBoxes.checked || width === 0) return;
    const timeSec = player.timeSec();
    const frame = timeSec * FRAMES_PER_SEC;
    const visible = faces.at(timeSec);
    const speaking = turns.at(timeSec);
    const isVisible = (track: number): boolean => visible.some((face) => face.trackIndex === track);
    const scale = width / picture.width;
    for (const face of visible) {
      const owner = owners.get(face.trackIndex);
      const own = speaking.filter(({ speakerId }) => speakerId === owner?.speakerId);
      const lips = lipsAt(face, frame);
      const confidence = speakingConfidence(lips, face.trackIndex, isVisible, own);
      const position = facePosition(face, frame);
      drawFace(context, position, scale, confidence, owner);
    }
  };

  showBoxes.addEventListener('change', draw);
  player.onMoment(draw);
  new ResizeObserver(draw).observe(canvas);
  store.listen(({ conversation }, before) => {
    if (conversation === before.conversation) return;
    turns = turnsByMoment(conversation);
    owners = ownersOf(conversation);
    draw();
  });
}

interface Owner {
  readonly speakerId: number;
  readonly label: string;
}

/** Track to speaker. */
function ownersOf({ speakers }: Conversation): Map<number, Owner> {
  return new Map(
    speakers.flatMap((speaker) => speaker.trackIndexes.map((track) => [track, speaker] as const)),
  );
}

const LABEL_HEIGHT_PX = 22;

function drawFace(
  context: CanvasRenderingContext2D,
  { centreX, centreY, halfSize }: FacePosition,
  scale: number,
  confidence: number,
  owner: Owner | undefined,
): void {
  const side = 2 * halfSize * scale;
  const left = centreX * scale - side / 2;
  const top = centreY * scale - side / 2;
  context.lineJoin = 'round';
  context.beginPath();
  context.roundRect(left, top, side, side, 6);
  // A dark edge keeps the box readable on a background of its own colour.
  context.lineWidth = 5;
  context.strokeStyle = 'rgb(0 0 0 / 45%)';
  context.stroke();
  context.lineWidth = 3;
  context.strokeStyle = confidenceColour(confidence);
  context.stroke();

  const name = owner?.label ?? 'not speaking';
  const text = `${name}  ${formatPercent(confidence)}`;
  context.font = '600 13px system-ui, sans-serif';
  const width = Math.min(context.measureText(text).width, 260) + 26;
  const labelLeft = Math.max(0, left - 2);
  // Above the face, or inside of its box where that is outside of the picture.
  const labelTop = Math.max(4, top - LABEL_HEIGHT_PX - 4);
  context.beginPath();
  context.roundRect(labelLeft, labelTop, width, LABEL_HEIGHT_PX, 5);
  context.fillStyle = 'rgb(10 12 16 / 78%)';
  context.fill();
  context.beginPath();
  context.arc(labelLeft + 11, labelTop + LABEL_HEIGHT_PX / 2, 4.5, 0, 2 * Math.PI);
  context.fillStyle = owner === undefined ? '#9aa4b0' : speakerColour(owner.speakerId, true);
  context.fill();
  context.fillStyle = '#fff';
  context.textBaseline = 'middle';
  context.fillText(text, labelLeft + 20, labelTop + LABEL_HEIGHT_PX / 2 + 0.5, 260);
}
