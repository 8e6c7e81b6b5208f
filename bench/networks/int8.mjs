import { startCalibration } from '@avd/models';
import { feedsOf, openSession, timeRuns } from './sessions.mjs';

/**
 * The 8-bit form of a network: its speed, and how far its outputs are from those in float32 on an input it was not
 * calibrated with (root mean square of the difference over that of the output).
 */
export async function measureInt8(network, onnx, minMs) {
  const calibration = startCalibration(onnx);
  const probe = await openSession(calibration.probe, 2);
  calibration.observe(await probe.run(feedsOf(network.inputs(1))));
  await probe.release();
  const quantized = calibration.finish();
  const units = network.unitsPerItem ?? 1;
  const runs = [];
  for (const threads of [1, 2]) {
    const session = await openSession(quantized, threads);
    const time = await timeRuns(session, network.inputs(1), { minMs });
    runs.push({ threads, batch: 1, ms: time.minMs / units });
    await session.release();
  }
  const exact = await openSession(onnx, 2);
  const rounded = await openSession(quantized, 2);
  const other = feedsOf(network.inputs(2));
  const [expected, actual] = [await exact.run(other), await rounded.run(other)];
  await Promise.all([exact.release(), rounded.release()]);
  const distances = Object.fromEntries(
    Object.keys(expected).map((name) => [name, distance(expected[name].data, actual[name].data)]),
  );
  return { runs, distances, bytes: quantized.length, bytesBefore: onnx.length };
}

function distance(expected, actual) {
  let squares = 0;
  let errors = 0;
  for (let i = 0; i < expected.length; i++) {
    squares += expected[i] ** 2;
    errors += (expected[i] - actual[i]) ** 2;
  }
  return Math.sqrt(errors / squares);
}
