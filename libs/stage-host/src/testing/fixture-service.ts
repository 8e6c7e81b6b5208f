import { AvdError } from '@avd/domain';
import { defineSettings, integer, text } from '@avd/config';
import { runService } from '../run-service.js';

// A service of the tests of `runService`: says what happens to it.
const schema = defineSettings({
  rounds: integer('AVD_ROUNDS', { description: 'Rounds.', unit: 'rounds', defaultText: '1' }),
  name: text('AVD_NAME', { description: 'A name.' }),
});

await runService('avd-fixture', schema, async ({ rounds, name }) => {
  const held = setInterval(() => undefined, 1000); // as an open connection would
  if (name === 'broken') {
    throw new AvdError('unavailable', 'NATS_UNAVAILABLE', 'NATS cannot be reached.');
  }
  process.stdout.write(`started ${rounds}\n`);
  return {
    async [Symbol.asyncDispose]() {
      process.stdout.write('stopping\n');
      if (name === 'slow') await new Promise(() => undefined);
      clearInterval(held);
      process.stdout.write('stopped\n');
    },
  };
});
