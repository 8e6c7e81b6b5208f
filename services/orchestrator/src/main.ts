import { orchestratorSettings } from '@avd/config';
import { runService } from '@avd/stage-host';
import { startOrchestrator } from './start.js';

await runService('avd-orchestrator', orchestratorSettings, startOrchestrator);
