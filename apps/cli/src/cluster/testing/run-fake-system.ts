/** Starts a system of fake services in a process that a test can kill: `node run-fake-system.js DATA_DIR SERVICES_JSON ENV_JSON`. */
import { startSystem } from '../system/start-system.js';
import type { SystemService } from '../system/services.js';

const [dataDir, services, env] = process.argv.slice(2);
const system = await startSystem({
  dataDir: dataDir!,
  services: JSON.parse(services!) as SystemService[],
  env: JSON.parse(env!) as Record<string, string>,
});
process.stdout.write(`${JSON.stringify(system.processes.map(({ pid }) => pid))}\n`);
process.on('SIGTERM', () => void system.stop());
