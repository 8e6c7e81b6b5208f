import type { FaceTrack, FrameRange } from '@avd/domain';
import {
  consumeFrames,
  noModels,
  type FrameConsumer,
  type FrameMethod,
  type StageContext,
  type StageMethod,
} from '@avd/stage-kit';
import { createLipReader, measureLips, type MeasureLipsOutput } from './lips/measure-lips.js';
import { scoreLips, type ScoreLipsOutput } from './lips/score-lips.js';
import { combineLrAsd } from './lr-asd/combine-lr-asd.js';
import {
  openLrAsd,
  runLrAsd,
  type RunLrAsdOutput,
  type RunLrAsdParams,
} from './lr-asd/run-lr-asd.js';
import { combineSync } from './sync/combine-sync.js';
import { openSyncScorer, scoreTracks, type ScoreTracksOutput } from './sync/score-tracks.js';

/** How lips are read: their movement alone, LR-ASD, or SyncNet. */
export type LipReading =
  | { readonly asd: 'lips' }
  | { readonly asd: 'lr-asd'; readonly lrAsd: RunLrAsdParams }
  | { readonly asd: 'syncnet' };

export type ReadLipsSpec = LipReading & { readonly range: FrameRange };

export interface ReadLipsInputs {
  readonly linkTracks: readonly { readonly tracks: readonly FaceTrack[] }[];
}

/** What was read of the lips of a chunk, under the name of the part that read it. */
export interface ReadLipsOutput {
  readonly lips?: MeasureLipsOutput;
  readonly lrAsd?: RunLrAsdOutput;
  readonly sync?: ScoreTracksOutput;
}

export const readLipsMethod: FrameMethod<ReadLipsSpec, ReadLipsInputs, ReadLipsOutput> = {
  stage: 'syncnet',
  name: 'syncnet.ReadLips',
  version: versionsOf(measureLips, runLrAsd, scoreTracks),
  models: lipModels,
  open: openLipReader,
  async run(spec, inputs, ctx) {
    const reader = await openLipReader(spec, inputs, ctx);
    await consumeFrames(spec.range, [reader], ctx);
    return reader.finish();
  },
};

export interface ScoreLipsSpec {
  readonly asd: LipReading['asd'];
}

export interface ScoreLipsInputs extends ReadLipsInputs {
  readonly readLips: readonly ReadLipsOutput[];
}

/** How likely each face is speaking, from what was read of its lips. */
export const scoreLipsMethod: StageMethod<ScoreLipsSpec, ScoreLipsInputs, ScoreLipsOutput> = {
  stage: 'syncnet',
  name: 'syncnet.ScoreLips',
  version: versionsOf(scoreLips, combineLrAsd, combineSync),
  models: noModels,
  run({ asd }, { linkTracks, readLips }, ctx) {
    const tracks = linkTracks[0]!.tracks.map(({ trackIndex, startFrame }) => ({
      trackIndex,
      startFrame,
    }));
    switch (asd) {
      case 'lips':
        return scoreLips.run({ chunks: readLips.map(({ lips }) => lips!.tracks) }, {}, ctx);
      case 'lr-asd': {
        const pieces = readLips.flatMap(({ lrAsd }) => lrAsd!.pieces);
        return combineLrAsd.run({ tracks, pieces }, {}, ctx);
      }
      case 'syncnet': {
        const pieces = readLips.flatMap(({ sync }) => sync!.pieces);
        return combineSync.run({ tracks, pieces }, {}, ctx);
      }
    }
  },
};

function versionsOf(...stages: readonly { readonly version: string }[]): string {
  return stages.map(({ version }) => version).join('.');
}

function lipModels(spec: LipReading): readonly string[] {
  switch (spec.asd) {
    case 'lips':
      return ['facemesh'];
    case 'lr-asd':
      return [spec.lrAsd.model];
    case 'syncnet':
      return ['syncnet-lip', 'syncnet-audio'];
  }
}

async function openLipReader(
  spec: ReadLipsSpec,
  { linkTracks }: ReadLipsInputs,
  ctx: StageContext,
): Promise<FrameConsumer<ReadLipsOutput>> {
  const input = { range: spec.range, tracks: linkTracks[0]!.tracks };
  switch (spec.asd) {
    case 'lips': {
      const reader = createLipReader(input, await ctx.models.load('facemesh'));
      return { ...reader, finish: () => ({ lips: reader.finish() }) };
    }
    case 'lr-asd': {
      const reader = await openLrAsd(input, spec.lrAsd, ctx);
      return { ...reader, finish: () => ({ lrAsd: reader.finish() }) };
    }
    case 'syncnet': {
      const reader = await openSyncScorer(input, ctx);
      return { ...reader, finish: () => ({ sync: reader.finish() }) };
    }
  }
}
