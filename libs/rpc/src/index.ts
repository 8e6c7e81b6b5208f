export { createRpcClient, type RpcClient, type RpcClientOptions } from './client/client.js';
export type { RpcCallOptions } from './client/calls.js';
export type {
  ClientStreamMethod,
  RequestOf,
  ResponseOf,
  ServerStreamMethod,
  ServiceHolder,
  UnaryMethod,
} from './client/service-types.js';
export { isServiceError, toAvdError, type CallFacts } from './errors/client-error.js';
export {
  decodeStatus,
  encodeStatus,
  fromStatus,
  toStatus,
  type OwnRpcStatus,
  type RpcStatus,
} from './errors/status.js';
export { toPublicError } from './errors/server-error.js';
export type { CallContext } from './server/call-context.js';
export { bidiStream, clientStream, serverStream, unary } from './server/handlers.js';
export {
  healthDefinition,
  SERVING_STATUS,
  type HealthRequest,
  type HealthResponse,
} from './server/health.js';
export type { RpcLogger } from './server/runtime.js';
export {
  startRpcServer,
  type RpcServer,
  type RpcServerOptions,
  type ServedService,
} from './server/server.js';
export type { ClientTlsFiles, ServerTlsFiles } from './tls.js';
