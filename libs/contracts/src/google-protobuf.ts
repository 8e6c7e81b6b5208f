export * from './gen/google/protobuf/any.js';
export * from './gen/google/protobuf/duration.js';
export * from './gen/google/protobuf/empty.js';
export * from './gen/google/protobuf/timestamp.js';
