// Made from telemetry/metrics.yaml by tools/telemetry.mjs; do not edit.

/**
 * Jobs that have not ended, as each orchestrator sees them; take the maximum of all.
 * Type up_down_counter, unit {job}; development.
 */
export const METRIC_AVD_JOB_ACTIVE = 'avd.job.active';

/**
 * Time from the creation of a job to its end.
 * Attributes: avd.outcome, error.type.
 * Type histogram, unit s; development.
 */
export const METRIC_AVD_JOB_DURATION = 'avd.job.duration';

/**
 * Time which a worker spent on one task of a stage.
 * Attributes: avd.stage.name, avd.outcome, avd.execution_provider, error.type.
 * Type histogram, unit s; development.
 */
export const METRIC_AVD_STAGE_DURATION = 'avd.stage.duration';

/**
 * Time spent on a task divided by the length of the recording it covers; below 1 is faster than real time.
 * Attributes: avd.stage.name, avd.execution_provider.
 * Type histogram, unit 1; development.
 */
export const METRIC_AVD_STAGE_REAL_TIME_FACTOR = 'avd.stage.real_time_factor';

/**
 * Time of one batch through one network.
 * Attributes: avd.model.name, avd.execution_provider, error.type.
 * Type histogram, unit s; development.
 */
export const METRIC_AVD_INFERENCE_DURATION = 'avd.inference.duration';

/**
 * Items in one batch through one network.
 * Attributes: avd.model.name, avd.execution_provider.
 * Type histogram, unit {item}; development.
 */
export const METRIC_AVD_INFERENCE_BATCH_SIZE = 'avd.inference.batch_size';

/**
 * Time from the publishing of a task to the start of its work.
 * Attributes: avd.stage.name.
 * Type histogram, unit s; development.
 */
export const METRIC_AVD_QUEUE_WAIT = 'avd.queue.wait';

/**
 * Attempts at tasks, by how each ended.
 * Attributes: avd.stage.name, avd.outcome, error.type.
 * Type counter, unit {attempt}; development.
 */
export const METRIC_AVD_TASK_ATTEMPTS = 'avd.task.attempts';

/**
 * Tasks given up and put aside.
 * Attributes: avd.stage.name, error.type.
 * Type counter, unit {message}; development.
 */
export const METRIC_AVD_DEAD_LETTERS = 'avd.dead_letters';

/**
 * Tasks which the worker can do at a time.
 * Attributes: avd.stage.name.
 * Type up_down_counter, unit {slot}; development.
 */
export const METRIC_AVD_WORKER_SLOTS = 'avd.worker.slots';

/**
 * Slots which work on a task now.
 * Attributes: avd.stage.name.
 * Type up_down_counter, unit {slot}; development.
 */
export const METRIC_AVD_WORKER_SLOTS_BUSY = 'avd.worker.slots.busy';

/**
 * Time of a call at the server, as OpenTelemetry defines it.
 * Attributes: rpc.system.name, rpc.method, rpc.response.status_code, error.type, server.address, server.port.
 * Type histogram, unit s; development.
 */
export const METRIC_RPC_SERVER_CALL_DURATION = 'rpc.server.call.duration';

/**
 * Time of a call at the client, as OpenTelemetry defines it.
 * Attributes: rpc.system.name, rpc.method, rpc.response.status_code, error.type, server.address, server.port.
 * Type histogram, unit s; development.
 */
export const METRIC_RPC_CLIENT_CALL_DURATION = 'rpc.client.call.duration';

/** What each instrument is made of. */
export const METRICS = {
  'avd.job.active': {
    type: 'up_down_counter',
    unit: '{job}',
    description:
      'Jobs that have not ended, as each orchestrator sees them; take the maximum of all.',
  },
  'avd.job.duration': {
    type: 'histogram',
    unit: 's',
    description: 'Time from the creation of a job to its end.',
    buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800, 43200],
  },
  'avd.stage.duration': {
    type: 'histogram',
    unit: 's',
    description: 'Time which a worker spent on one task of a stage.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900],
  },
  'avd.stage.real_time_factor': {
    type: 'histogram',
    unit: '1',
    description:
      'Time spent on a task divided by the length of the recording it covers; below 1 is faster than real time.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
  },
  'avd.inference.duration': {
    type: 'histogram',
    unit: 's',
    description: 'Time of one batch through one network.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  'avd.inference.batch_size': {
    type: 'histogram',
    unit: '{item}',
    description: 'Items in one batch through one network.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  'avd.queue.wait': {
    type: 'histogram',
    unit: 's',
    description: 'Time from the publishing of a task to the start of its work.',
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600],
  },
  'avd.task.attempts': {
    type: 'counter',
    unit: '{attempt}',
    description: 'Attempts at tasks, by how each ended.',
  },
  'avd.dead_letters': {
    type: 'counter',
    unit: '{message}',
    description: 'Tasks given up and put aside.',
  },
  'avd.worker.slots': {
    type: 'up_down_counter',
    unit: '{slot}',
    description: 'Tasks which the worker can do at a time.',
  },
  'avd.worker.slots.busy': {
    type: 'up_down_counter',
    unit: '{slot}',
    description: 'Slots which work on a task now.',
  },
  'rpc.server.call.duration': {
    type: 'histogram',
    unit: 's',
    description: 'Time of a call at the server, as OpenTelemetry defines it.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  'rpc.client.call.duration': {
    type: 'histogram',
    unit: 's',
    description: 'Time of a call at the client, as OpenTelemetry defines it.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
} as const;
