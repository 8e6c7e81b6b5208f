export * from './gen/avdiarization/stage/v1/cluster.js';
export * from './gen/avdiarization/stage/v1/common.js';
export * from './gen/avdiarization/stage/v1/embed.js';
export * from './gen/avdiarization/stage/v1/face_track.js';
export * from './gen/avdiarization/stage/v1/syncnet.js';
export * from './gen/avdiarization/stage/v1/task.js';
export * from './gen/avdiarization/stage/v1/vad.js';
