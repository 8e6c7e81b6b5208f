export { duplicateTasks } from './duplicate-tasks.js';
export { startNatsServer } from './start-nats-server.js';
export type { TestNatsServer } from './start-nats-server.js';
export { natsServerPath } from '../nats-server.js';
