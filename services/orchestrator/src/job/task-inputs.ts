import { stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import type { ChunkStore } from '@avd/messaging';
import { toArtifactList, type Artifacts } from '@avd/stage-host';
import { graphOf } from './job-graph.js';
import type { JobRecord } from './job-record.js';
import type { TaskInputs } from './task-messages.js';
import type { JobTask } from './transitions.js';

const KEPT_LISTS = 256;

/** Gathers the references which a task reads; those of a finished step never change, so they are kept for a while. */
export class TaskInputReader {
  readonly #chunks: ChunkStore;
  readonly #artifacts: Artifacts;
  readonly #kept = new Map<string, stageV1.ArtifactList>();

  constructor(chunks: ChunkStore, artifacts: Artifacts) {
    this.#chunks = chunks;
    this.#artifacts = artifacts;
  }

  async read(record: JobRecord, { step }: JobTask): Promise<TaskInputs> {
    const { steps } = graphOf(record);
    const needs = steps.find((other) => other.step === step)?.needs ?? [];
    const entries = await Promise.all(
      needs.map(async (need) => {
        const { count } = steps.find((other) => other.step === need)!;
        return [need, await this.#listOf(record, need, count)] as const;
      }),
    );
    return Object.fromEntries(entries);
  }

  async #listOf(
    { id, createTime }: JobRecord,
    step: string,
    count: number,
  ): Promise<stageV1.ArtifactList> {
    const key = `${id}/${createTime}/${step}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    // A worker that was late may have left a piece of a removed job of this id.
    const chunks = (await this.#chunks.list(id, step)).filter(
      ({ chunkIndex }) => chunkIndex < count,
    );
    if (chunks.length < count) {
      throw new AvdError(
        'unavailable',
        'RESULTS_MISSING',
        `Of ${count} results of ${step} only ${chunks.length} can be read now.`,
      );
    }
    const refs = chunks.map(({ value }) => stageV1.ArtifactRef.decode(value));
    const list = await toArtifactList(refs, this.#artifacts);
    this.#kept.set(key, list);
    if (this.#kept.size > KEPT_LISTS) this.#kept.delete(this.#kept.keys().next().value!);
    return list;
  }
}
