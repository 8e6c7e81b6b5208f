// Made from telemetry/spans.yaml by tools/telemetry.mjs; do not edit.

/**
 * One diarization job from its creation to its end; the root of the trace.
 * Attributes: avd.job.id, avd.outcome, avd.media.duration_s, avd.media.frame_rate, avd.speakers.count, error.type.
 * Kind internal; stable.
 */
export const SPAN_AVD_JOB = 'avd.job';

/**
 * One step of a job over all its chunks; child of avd.job.
 * Attributes: avd.job.id, avd.step.name, avd.stage.name, avd.stage.version, avd.method.name, avd.chunk.count, avd.outcome, error.type.
 * Kind internal; stable.
 */
export const SPAN_AVD_STAGE = 'avd.stage';

/**
 * Decoding of one stretch of a recording, from the first frame that is asked for to the last.
 * Attributes: avd.chunk.start_s, error.type.
 * Kind internal; development.
 */
export const SPAN_AVD_MEDIA_DECODE = 'avd.media.decode';

/**
 * One batch through one network.
 * Attributes: avd.model.name, avd.model.sha256, avd.execution_provider, avd.batch.size, error.type.
 * Kind internal; development.
 */
export const SPAN_AVD_INFERENCE = 'avd.inference';

/**
 * Reading of one stored result.
 * Attributes: avd.blob.store, avd.blob.size, error.type.
 * Kind client; development.
 */
export const SPAN_AVD_BLOB_READ = 'avd.blob.read';

/**
 * Writing of one result.
 * Attributes: avd.blob.store, avd.blob.size, error.type.
 * Kind client; development.
 */
export const SPAN_AVD_BLOB_WRITE = 'avd.blob.write';
