import { descriptorImageBase64 } from './gen/descriptor-image.js';

/**
 * The whole contract as a `google.protobuf.FileDescriptorSet` with comments: every file of both packages, google.rpc and
 * whatever they import, each after what it imports. For server reflection.
 */
export function descriptorImage(): Uint8Array {
  return Buffer.from(descriptorImageBase64, 'base64');
}
