export { commonSettings, type CommonSettings } from './common-settings.js';
export { describeConfig, redactConfig } from './describe-config.js';
export { address, formatAddress, port, url, type Address } from './fields/network.js';
export { bytes, integer, seconds, type NumberOptions } from './fields/numbers.js';
export {
  optional,
  setting,
  WrongText,
  type Setting,
  type SettingOptions,
} from './fields/setting.js';
export { boolean, choice, filePath, list, pathList, text } from './fields/texts.js';
export { orchestratorSettings, type OrchestratorSettings } from './orchestrator-settings.js';
export { parseConfig, type Env, type ParsedConfig } from './parse-config.js';
export {
  defineSettings,
  extendSettings,
  type Check,
  type Fields,
  type Settings,
  type SettingsOfFields,
  type SettingsSchema,
} from './settings-schema.js';
export { workerSettings, type WorkerSettings } from './worker-settings.js';
