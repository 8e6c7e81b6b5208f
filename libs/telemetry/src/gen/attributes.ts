// Made from telemetry/attributes.yaml by tools/telemetry.mjs; do not edit.

/**
 * Identifier of the diarization job.
 * Type string; stable.
 */
export const ATTR_AVD_JOB_ID = 'avd.job.id';

/**
 * Step of the job's plan; a plan can use one stage in several steps.
 * Type string; development.
 */
export const ATTR_AVD_STEP_NAME = 'avd.step.name';

/**
 * Stage which does the work, for example vad or syncnet.
 * Type string; stable.
 */
export const ATTR_AVD_STAGE_NAME = 'avd.stage.name';

/**
 * Version of the stage; results of different versions are not mixed.
 * Type string; stable.
 */
export const ATTR_AVD_STAGE_VERSION = 'avd.stage.version';

/**
 * Method (algorithm or model) of the stage.
 * Type string; development.
 */
export const ATTR_AVD_METHOD_NAME = 'avd.method.name';

/**
 * Position of the chunk in the step, from 0.
 * Type int; development.
 */
export const ATTR_AVD_CHUNK_INDEX = 'avd.chunk.index';

/**
 * Number of chunks of the step.
 * Type int, unit {chunk}; development.
 */
export const ATTR_AVD_CHUNK_COUNT = 'avd.chunk.count';

/**
 * Where the chunk begins in the recording.
 * Type double, unit s; development.
 */
export const ATTR_AVD_CHUNK_START_S = 'avd.chunk.start_s';

/**
 * Number of this delivery of the task, from 1; more than 1 means that an earlier one failed.
 * Type int, unit {attempt}; development.
 */
export const ATTR_AVD_ATTEMPT = 'avd.attempt';

/**
 * How the job, task or attempt ended; handed_back is an attempt whose worker had to stop. One of: ok, retried, failed, cancelled, handed_back.
 * Type string; development.
 */
export const ATTR_AVD_OUTCOME = 'avd.outcome';

/**
 * Name of the network in the model manifest.
 * Type string; development.
 */
export const ATTR_AVD_MODEL_NAME = 'avd.model.name';

/**
 * SHA-256 of the network's file, 64 hexadecimal digits.
 * Type string; development.
 */
export const ATTR_AVD_MODEL_SHA256 = 'avd.model.sha256';

/**
 * Execution provider which ran the network, as ONNX Runtime names it, for example cpu or cuda.
 * Type string; development.
 */
export const ATTR_AVD_EXECUTION_PROVIDER = 'avd.execution_provider';

/**
 * Runs of networks on behalf of a span; only the first ones have a span of their own.
 * Type int, unit {run}; development.
 */
export const ATTR_AVD_INFERENCE_COUNT = 'avd.inference.count';

/**
 * Items in the batch.
 * Type int, unit {item}; development.
 */
export const ATTR_AVD_BATCH_SIZE = 'avd.batch.size';

/**
 * Duration of the recording.
 * Type double, unit s; development.
 */
export const ATTR_AVD_MEDIA_DURATION_S = 'avd.media.duration_s';

/**
 * Frame rate of the recording.
 * Type double, unit {frame}/s; development.
 */
export const ATTR_AVD_MEDIA_FRAME_RATE = 'avd.media.frame_rate';

/**
 * Where the recording was read from.
 * Type string; development; pii.
 */
export const ATTR_AVD_MEDIA_PII_URI = 'avd.media.pii.uri';

/**
 * Speakers found.
 * Type int, unit {speaker}; development.
 */
export const ATTR_AVD_SPEAKERS_COUNT = 'avd.speakers.count';

/**
 * Size of the stored result.
 * Type int, unit By; development.
 */
export const ATTR_AVD_BLOB_SIZE = 'avd.blob.size';

/**
 * Kind of the store. One of: file, memory, nats-obj, s3.
 * Type string; development.
 */
export const ATTR_AVD_BLOB_STORE = 'avd.blob.store';

/**
 * Stable reason of the failure (AvdError.reason); absent where nothing failed.
 * Type string; stable.
 */
export const ATTR_ERROR_TYPE = 'error.type';

/**
 * Class of the error, in the event `exception`.
 * Type string; stable.
 */
export const ATTR_EXCEPTION_TYPE = 'exception.type';

/**
 * Stack of the error without its message, which can name a recording.
 * Type string; stable.
 */
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace';

/**
 * Host of the server.
 * Type string; stable.
 */
export const ATTR_SERVER_ADDRESS = 'server.address';

/**
 * Port of the server.
 * Type int; stable.
 */
export const ATTR_SERVER_PORT = 'server.port';

/**
 * RPC system. One of: grpc.
 * Type string; development.
 */
export const ATTR_RPC_SYSTEM_NAME = 'rpc.system.name';

/**
 * Fully qualified method, for example avdiarization.v1.DiarizationService/GetDiarizationJob.
 * Type string; development.
 */
export const ATTR_RPC_METHOD = 'rpc.method';

/**
 * gRPC status as text, for example OK or NOT_FOUND.
 * Type string; development.
 */
export const ATTR_RPC_RESPONSE_STATUS_CODE = 'rpc.response.status_code';

/**
 * Messaging system. One of: nats.
 * Type string; development.
 */
export const ATTR_MESSAGING_SYSTEM = 'messaging.system';

/**
 * Subject of the message.
 * Type string; development.
 */
export const ATTR_MESSAGING_DESTINATION_NAME = 'messaging.destination.name';

/**
 * Subject with its variable parts as names, for example avd.v1.task.syncnet.{job}.
 * Type string; development.
 */
export const ATTR_MESSAGING_DESTINATION_TEMPLATE = 'messaging.destination.template';

/**
 * Operation as the system names it, for example publish or ack.
 * Type string; development.
 */
export const ATTR_MESSAGING_OPERATION_NAME = 'messaging.operation.name';

/**
 * Kind of the operation. One of: create, send, receive, process, settle.
 * Type string; development.
 */
export const ATTR_MESSAGING_OPERATION_TYPE = 'messaging.operation.type';

/**
 * Identifier of the message (the task id).
 * Type string; development.
 */
export const ATTR_MESSAGING_MESSAGE_ID = 'messaging.message.id';

/**
 * Job which the message belongs to.
 * Type string; development.
 */
export const ATTR_MESSAGING_MESSAGE_CONVERSATION_ID = 'messaging.message.conversation_id';

/**
 * Size of the message's payload.
 * Type int, unit By; development.
 */
export const ATTR_MESSAGING_MESSAGE_BODY_SIZE = 'messaging.message.body.size';

/**
 * Durable consumer, for example avd-syncnet.
 * Type string; development.
 */
export const ATTR_MESSAGING_CONSUMER_GROUP_NAME = 'messaging.consumer.group.name';
