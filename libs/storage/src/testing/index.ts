export { type BlobStoreUnderTest, describeBlobStore } from './describe-blob-store.js';
export { type MediaTestServer, type ServedFile, startMediaTestServer } from './media-server.js';
export {
  type S3TestFaults,
  type S3TestObject,
  type S3TestServer,
  startS3TestServer,
} from './s3-server.js';
