export * from './golden.js';
export * from './run-tool.js';
export * from './fake-stage-context.js';
export { findGrpcurl } from './grpcurl.js';
