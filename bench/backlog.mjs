#!/usr/bin/env node
/**
 * Planner and scheduler under a backlog of up to a million chunks: no networks, no broker. Every task of every job is
 * handed out and taken down as the engine does it. Prints the cost per task, whether it grows with the backlog, the
 * memory of a job, and the size of its record.
 *
 *   npm run bench:backlog
 *   npm run bench:backlog -- --quick          up to 100,000 chunks
 *   npm run bench:backlog -- --json
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TASK_STAGES } from '@avd/messaging/topology';
import { INITIAL_PLAN_STATE, resolveSettings } from '@avd/pipeline';
import { JobQueue } from '../services/orchestrator/dist/job/job-queue.js';
import { stageOf } from '../services/orchestrator/dist/job/job-graph.js';
import { completeTask, startNext } from '../services/orchestrator/dist/job/transitions.js';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc');

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const CHUNK_FRAMES = 1500;
const SAMPLES_PER_FRAME = 640;
const IN_FLIGHT_PER_STAGE = 64;
const LOOK_EVERY_TASKS = 5000;
const settings = resolveSettings({});
const now = new Date().toISOString();

const scenarios = [
  { name: 'jobs of 100 chunks, 64 at a time', chunksPerJob: 100, maxActiveJobs: 64 },
  { name: 'jobs of 100 chunks, all at a time', chunksPerJob: 100, maxActiveJobs: 10_000 },
  { name: 'one job', chunksPerJob: Infinity, maxActiveJobs: 64 },
];
const totals = values.quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000];

const rows = [];
// Compiled code and its statistics are not part of a measurement.
runBacklog({ jobCount: 50, chunksPerJob: 100, maxActiveJobs: 64 });
for (const { name, chunksPerJob, maxActiveJobs } of scenarios) {
  for (const chunks of totals) {
    const perJob = Math.min(chunks, chunksPerJob);
    const jobCount = chunks / perJob;
    const result = runBacklog({ jobCount, chunksPerJob: perJob, maxActiveJobs });
    const before = rows.findLast((row) => row.name === name);
    const row = { name, chunks, jobCount, ...result };
    row.timeRatio = before && row.sec / before.sec;
    rows.push(row);
    if (!values.json) print(row);
  }
}
if (values.json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);

function runBacklog({ jobCount, chunksPerJob, maxActiveJobs }) {
  const heapBytesBefore = heapBytes();
  const queue = new JobQueue({ maxActiveJobs, jobWindow: 64 });
  const records = new Map();
  const set = (record) => {
    records.set(record.id, record);
    queue.set(record);
  };
  for (let index = 0; index < jobCount; index++) set(waitingJob(index));
  const waitingHeapBytes = heapBytes() - heapBytesBefore;

  const frameCount = chunksPerJob * CHUNK_FRAMES;
  const inFlight = new Map(TASK_STAGES.map((stage) => [stage, []]));
  let taskCount = 0;
  let greatestRecordBytes = 0;
  let greatestHeapBytes = 0;
  let nextLook = 0;
  let sec = 0;
  for (let started = process.cpuUsage(); ;) {
    const before = taskCount;
    for (const stage of TASK_STAGES) {
      const tasks = inFlight.get(stage);
      while (tasks.length < IN_FLIGHT_PER_STAGE) {
        const next = queue.next(stage);
        if (next === undefined) break;
        const { record, task } = startNext(records.get(next.job), next.step, now);
        set(record);
        tasks.push({ job: next.job, task });
      }
    }
    for (const stage of TASK_STAGES) {
      for (const { job, task } of inFlight.get(stage).splice(0)) {
        set(completeTask(records.get(job), task, resultOf(task, frameCount), now));
        if (stageOf(task.step) !== stage) throw new Error('a task in the queue of another stage');
        taskCount++;
      }
    }
    if (taskCount === before) {
      sec += cpuSecSince(started);
      break;
    }
    if (taskCount >= nextLook) {
      sec += cpuSecSince(started);
      nextLook += Math.max(LOOK_EVERY_TASKS, (jobCount * chunksPerJob * 3) / 20);
      greatestHeapBytes = Math.max(greatestHeapBytes, heapBytes() - heapBytesBefore);
      for (const record of records.values()) {
        if (record.state !== 'running') continue;
        const bytes = Buffer.byteLength(JSON.stringify(record));
        greatestRecordBytes = Math.max(greatestRecordBytes, bytes);
      }
      started = process.cpuUsage();
    }
  }
  for (const { id, state } of records.values()) {
    if (state !== 'succeeded') throw new Error(`job ${id} is ${state}`);
  }
  return {
    ...{ taskCount, sec, greatestRecordBytes, greatestHeapBytes },
    microsecPerTask: (sec / taskCount) * 1e6,
    waitingBytesPerJob: waitingHeapBytes / jobCount,
  };
}

function waitingJob(index) {
  return {
    id: `job-${String(index).padStart(8, '0')}`,
    source: { uri: `s3://recordings/${index}.mp4` },
    fileName: `${index}.mp4`,
    config: {},
    settings,
    chunkFrames: CHUNK_FRAMES,
    labels: {},
    state: 'queued',
    createTime: now,
    updateTime: now,
    notices: [],
    progress: INITIAL_PLAN_STATE,
    steps: {},
    models: [],
  };
}

function resultOf({ step }, frameCount) {
  const media = {
    uri: 's3://recordings/1.mp4',
    sha256: 'ab'.repeat(32),
    width: 1280,
    height: 720,
    frameCount,
    sampleCount: frameCount * SAMPLES_PER_FRAME,
    duration: { seconds: Math.ceil(frameCount / 25), nanos: 0 },
    derived: [],
  };
  const execution = { reused: false, models: [{ name: `net-${step}`, sha256: 'cd'.repeat(32) }] };
  return {
    execution,
    ...(step === 'prepareMedia' && { prepared: { media, notices: [] } }),
    ...(step === 'assembleResult' && { files: {} }),
  };
}

/** Of this process, its collector of garbage included: other work on the machine does not count. */
function cpuSecSince(started) {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

function heapBytes() {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function print(row) {
  const { chunks, jobCount, taskCount, sec, microsecPerTask, timeRatio, waitingBytesPerJob } = row;
  const ratio = timeRatio === undefined ? '' : `, ${timeRatio.toFixed(1)}x the time of 1/10`;
  const waiting =
    jobCount === 1 ? '' : `a waiting job takes ${Math.round(waitingBytesPerJob)} bytes of heap; `;
  process.stdout.write(
    `${row.name}: ${chunks.toLocaleString('en')} chunks in ${jobCount.toLocaleString('en')} job(s), ` +
      `${taskCount.toLocaleString('en')} tasks\n` +
      `  ${sec.toFixed(2)} CPU seconds, ${microsecPerTask.toFixed(1)} us a task${ratio}\n` +
      `  record at most ${row.greatestRecordBytes} bytes; ${waiting}` +
      `heap at most ${(row.greatestHeapBytes / 2 ** 20).toFixed(1)} MiB above the start\n`,
  );
}
