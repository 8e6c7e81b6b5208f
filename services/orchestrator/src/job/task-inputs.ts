import { stageV1 } from '@avd/contracts';
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
    const planned = graphOf(record).steps.find((other) => other.step === step);
    const needs = planned?.needs ?? [];
    const entries = await Promise.all(
      needs.map(async (need) => [need, await this.#listOf(record, need)] as const),
    );
    return Object.fromEntries(entries);
  }

  async #listOf({ id, createTime }: JobRecord, step: string): Promise<stageV1.ArtifactList> {
    const key = `${id}/${createTime}/${step}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const chunks = await this.#chunks.list(id, step);
    const refs = chunks.map(({ value }) => stageV1.ArtifactRef.decode(value));
    const list = await toArtifactList(refs, this.#artifacts);
    this.#kept.set(key, list);
    if (this.#kept.size > KEPT_LISTS) this.#kept.delete(this.#kept.keys().next().value!);
    return list;
  }
}
