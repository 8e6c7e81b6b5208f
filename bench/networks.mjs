#!/usr/bin/env node
/**
 * Speed of every network: ms and multiply-accumulates a second, alone and in the best batch, with one and two threads,
 * beside torch in the same run where a Python with torch is given, and beside the figures of the reference (another,
 * faster machine). Networks that are built from checkpoints get made-up weights: they do not change the speed.
 *
 *   npm run bench:networks
 *   npm run bench:networks -- --python /path/to/venv/bin/python     a Python with torch, as baseline
 *   npm run bench:networks -- --only s3fd,yunet --min-ms 3000 --json
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createModelPool } from '@avd/inference';
import { isSameAlone } from './networks/batch-bytes.mjs';
import { countMacs } from './networks/count-macs.mjs';
import { measureInt8 } from './networks/int8.mjs';
import { networks, onnxOf } from './networks/list.mjs';
import { cpuPeak } from './networks/peak.mjs';
import { feedsOf, openSession, timeRuns } from './networks/sessions.mjs';
import { timeWithTorch, torchVersion } from './networks/torch-baseline.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    python: { type: 'string', default: process.env.AVD_BENCH_PYTHON ?? 'python3' },
    'ckpt-dir': { type: 'string' },
    'min-ms': { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
  },
});
const minMs = Number(values['min-ms']);
const only = values.only?.split(',');
const torch = torchVersion(values.python);
const workDir = mkdtempSync(path.join(tmpdir(), 'avd-bench-networks-'));
try {
  const peak = await cpuPeak();
  if (!values.json) printHead(peak);
  const rows = [];
  for (const network of networks) {
    if (only !== undefined && !only.includes(network.name)) continue;
    const row = await measure(network).catch((error) => ({
      name: network.name,
      skipped: error.message,
    }));
    rows.push(row);
    if (!values.json) printRow(row, peak);
  }
  if (values.json) console.log(JSON.stringify({ peak, torch, rows }, undefined, 1));
} finally {
  rmSync(workDir, { recursive: true, force: true });
}

async function measure(network) {
  const { name, unit, batches, unitsPerItem = 1 } = network;
  const { model, plainModel } = await onnxOf(network, values['ckpt-dir']);
  const macs = await countMacs(plainModel, network.inputs(1), path.join(workDir, name));
  const runs = [];
  let isSame;
  for (const threads of [1, 2]) {
    const session = await openSession(model, threads);
    for (const batch of batches) {
      const inputs = network.inputs(batch);
      const time = await timeRuns(session, inputs, { minMs });
      const units = batch * unitsPerItem;
      runs.push({ threads, batch, ms: time.minMs / units, medianMs: time.medianMs / units });
      if (threads === 1 && batch > 1) isSame = await isSameAlone(session, inputs, batch);
    }
    await session.release();
  }
  runs.push(await timePool(network, model));
  const row = { name, unit, macs: macs / unitsPerItem, runs, isSame, reference: network.torch };
  if (network.hasInt8) row.int8 = await measureInt8(network, plainModel, minMs);
  if (torch === undefined || network.isPublished) return row;
  const session = await openSession(plainModel, 1);
  const baseline = [];
  for (const batch of new Set([1, batches.at(-1)])) {
    const inputs = network.inputs(batch);
    const expected = await session.run(feedsOf(inputs));
    for (const threads of [1, 2]) {
      const dir = path.join(workDir, 'torch');
      const { python } = values;
      const job = { python, dir, onnx: plainModel, inputs, expected, threads, minMs };
      const { minMs: ms, distance } = timeWithTorch(job);
      baseline.push({ threads, batch, ms: ms / (batch * unitsPerItem), distance });
    }
  }
  await session.release();
  return { ...row, baseline };
}

/** What the pipeline does: two worker threads, one item a run, through libs/inference with its copies. */
async function timePool({ name, inputs, unitsPerItem = 1 }, model) {
  const filePath = typeof model === 'string' ? model : path.join(workDir, `${name}.onnx`);
  if (filePath !== model) writeFileSync(filePath, model);
  const pool = createModelPool({
    threads: 2,
    locate: async () => ({ name, path: filePath, sha256: '' }),
  });
  try {
    const network = await pool.load(name);
    const item = inputs(1);
    const many = (count) => Promise.all(Array.from({ length: count }, () => network.run(item)));
    await many(4);
    const startMs = performance.now();
    let count = 0;
    let best = Infinity;
    while (performance.now() - startMs < minMs || count < 16) {
      const before = performance.now();
      await many(8);
      best = Math.min(best, (performance.now() - before) / 8);
      count += 8;
    }
    return { workers: 2, threads: 1, batch: 1, ms: best / unitsPerItem };
  } finally {
    await pool[Symbol.asyncDispose]();
  }
}

function printHead(peak) {
  console.log(`${peak.cpu}: peak ${peak.gmacPerSec.toFixed(1)} GMAC/s a core.`);
  console.log(`  = ${peak.how}.`);
  console.log(
    `  Best matrix product: ${peak.measured[1].toFixed(1)} GMAC/s on one thread, ${peak.measured[2].toFixed(1)} on two.`,
  );
  console.log(
    torch === undefined
      ? `No torch in ${values.python}: no baseline in the same run (give --python).`
      : `Baseline: torch ${torch}, the same graphs (batch norms folded) and inputs.`,
  );
  console.log(
    'Multiply-accumulates are those of plain convolutions, also where Winograd needs fewer (S3FD).',
  );
  console.log('Fastest run of each, ms per unit; reference: torch 1.13.1 on a faster machine.');
}

function printRow({ name, unit, macs, runs, baseline, isSame, reference, skipped, int8 }, peak) {
  if (skipped !== undefined) return console.log(`\n${name}: skipped. ${skipped}`);
  console.log(`\n${name}, per ${unit}, ${(macs / 1e6).toFixed(1)} MMAC`);
  const best = (list, ofThreads) =>
    Math.min(...list.filter(({ threads }) => threads === ofThreads).map(({ ms }) => ms));
  for (const { workers = 1, threads, batch, ms } of runs) {
    const gmac = macs / ms / 1e6;
    const share = (100 * gmac) / (peak.gmacPerSec * threads * workers);
    const title = workers === 1 ? `${threads} thread${threads > 1 ? 's' : ''}` : 'two runs at once';
    console.log(
      `  ${`${title}, batch ${batch}`.padEnd(26)}${ms.toFixed(3).padStart(10)} ms ${gmac.toFixed(1).padStart(7)} GMAC/s ${share.toFixed(0).padStart(4)} % of peak`,
    );
  }
  for (const { threads, batch, ms } of baseline ?? []) {
    console.log(
      `  ${`torch, ${threads} thr., batch ${batch}`.padEnd(26)}${ms.toFixed(3).padStart(10)} ms`,
    );
  }
  for (const { threads, ms } of int8?.runs ?? []) {
    const before = runs.find((run) => run.threads === threads && run.batch === 1).ms;
    console.log(
      `  ${`8 bits, ${threads} thr., batch 1`.padEnd(26)}${ms.toFixed(3).padStart(10)} ms, ${(before / ms).toFixed(2)}x as fast`,
    );
  }
  if (int8 !== undefined) {
    const far = Object.entries(int8.distances).map(
      ([output, value]) => `${output} ${(100 * value).toFixed(2)} %`,
    );
    console.log(`  8 bits: difference (root mean square) of ${far.join(', ')}`);
  }
  const one = best(runs.slice(0, -1), 1);
  const two = Math.min(best(runs, 2), runs.at(-1).ms);
  const ratio = (theirs, ours) => `${(theirs / ours).toFixed(2)}x`;
  if (baseline !== undefined) {
    console.log(
      `  best against best: ${ratio(best(baseline, 1), one)} as fast as torch on one core, ${ratio(best(baseline, 2), two)} on two`,
    );
  }
  if (reference !== undefined) {
    console.log(
      `  reference ${reference[1]} ms on one core, ${reference[2]} on two: ${ratio(reference[1], one)}, ${ratio(reference[2], two)}`,
    );
  }
  if (isSame !== undefined) {
    console.log(`  a batch gives ${isSame ? 'the same' : 'OTHER'} bytes as its items alone`);
  }
}
