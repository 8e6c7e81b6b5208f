import { fileURLToPath } from 'node:url';
import { runTool } from '@avd/testing';
import { expect, it } from 'vitest';

const lane = new URL('../dist/worker-lane.js', import.meta.url).href;

/** A thread that answers the request under way only after it was told to end, as a long run of a network does. */
const lateAnswer = `
  import { parentPort } from 'node:worker_threads';
  let id;
  parentPort.on('message', (message) => {
    if (message.modelPath !== undefined) return void (id = message.id);
    parentPort.postMessage({ id, outputs: {}, isBatchable: false });
    setTimeout(() => process.exit(0), 200);
  });`;

const program = `
  import { WorkerLane } from ${JSON.stringify(lane)};
  const entry = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(lateAnswer)}));
  const lane = new WorkerLane(entry, { providers: ['cpu'] });
  void lane.send('model.onnx', 1, {});
  await lane.close();
  console.log('closed');`;

it('keeps the process until a closed thread has ended, also when its last answer comes late', async () => {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const run = await runTool(process.execPath, ['--input-type=module', '-e', program], { cwd });
  expect(run).toMatchObject({ exitCode: 0, stdout: 'closed\n' });
});
