import { labelOffscreenSpeech, leftoverSpeech, UNKNOWN_LABEL } from './offscreen-speech.js';
import { identifySpeakers } from './speaker-voices.js';
import {
  REFERENCE_DEFAULTS,
  UNKNOWN_SPEAKER,
  type ReferenceEntry,
  type ReferenceInput,
  type ReferenceParams,
  type ReferenceResult,
} from './types.js';
import { findUtterances, trackActivity } from './visible-speech.js';

/**
 * Who speaks when, by the method of "Spot the conversation" (Chung et al., Interspeech 2020): visible faces whose lips
 * fit the sound speak; faces with one voice are one speaker; other speech goes to the speaker it sounds like.
 * With quirks equal to voxconverse.diarizer.Diarizer.run where that gives a result. Where it raises, this does not: no
 * track or nobody seen speaking leaves all speech to the voices or `unknown`; without voice embeddings every face is a
 * speaker of its own and off-screen speech is `unknown`; recordings may be of any length.
 *
 * @param params defaults: REFERENCE_DEFAULTS
 */
export function diarizeReference(
  input: ReferenceInput,
  params: Partial<ReferenceParams> = {},
): ReferenceResult {
  const settings = { ...REFERENCE_DEFAULTS, ...params };
  const { tracks, voices } = input;
  const activities = tracks.map((track) => trackActivity(track, settings.quirks));
  const utterances = tracks.flatMap((track, index) => findUtterances(track, activities[index]!));
  const speakers = identifySpeakers(tracks, utterances, voices, settings);
  const labelOfFace = new Map(
    speakers.faceIds.map((faceId, face) => [
      faceId,
      speakers.speakers[speakers.labels[face]!]!.label,
    ]),
  );
  const visible = utterances.map(
    ({ track, startFrame, endFrame, confidence }, index): ReferenceEntry => ({
      key: String(index),
      label: labelOfFace.get(track.faceId)!,
      startFrame,
      endFrame,
      trackIndex: track.trackIndex,
      evidence: confidence,
    }),
  );

  const leftover = leftoverSpeech(input, activities, utterances, settings.quirks);
  const offscreen = labelOffscreenSpeech(leftover, voices, speakers, settings).map(
    ({ key, startFrame, endFrame, label, similarity }): ReferenceEntry => ({
      key,
      label:
        label === UNKNOWN_LABEL
          ? UNKNOWN_SPEAKER
          : (speakers.speakers[label]?.label ?? `VOICE_${label - speakers.speakers.length}`),
      startFrame,
      endFrame,
      evidence: similarity,
    }),
  );
  return {
    entries: [...visible, ...offscreen],
    speakers: speakers.speakers.toSorted((a, b) => a.faceIds[0]! - b.faceIds[0]!),
    notices: noticesFor(input, utterances.length, offscreen.length),
  };
}

function noticesFor(
  { tracks, speech, voices }: ReferenceInput,
  utteranceCount: number,
  offscreenCount: number,
): string[] {
  const notices: string[] = [];
  if (speech.length === 0) notices.push('No speech was found in the sound.');
  else if (tracks.length === 0) {
    notices.push('No face was followed long enough, so speakers could not be seen.');
  } else if (utteranceCount === 0) {
    notices.push('No visible face was found speaking, so voices have no face to belong to.');
  }
  if (offscreenCount + utteranceCount > 0 && voices.rowCount === 0) {
    notices.push('The sound is too short to compare voices.');
  }
  return notices;
}
