export * from './gen/avdiarization/v1/diarization.js';
export * from './gen/avdiarization/v1/diarization_job.js';
export * from './gen/avdiarization/v1/diarization_service.js';
export * from './gen/avdiarization/v1/error.js';
export * from './gen/avdiarization/v1/media.js';
