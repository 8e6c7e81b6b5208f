/** The few calls on one S3 bucket that this package needs, without a type of the AWS SDK, so that others can stand in. */
export interface S3Objects extends AsyncDisposable {
  /** Writes a small object whole, replacing what was there. */
  put(key: string, bytes: Uint8Array, options: S3PutOptions, signal?: AbortSignal): Promise<void>;
  /** Writes a large object from a file, in parts sent side by side; it appears whole or not at all. */
  putFile(
    key: string,
    file: string,
    sizeBytes: number,
    options: S3PutOptions,
    signal?: AbortSignal,
  ): Promise<void>;
  /** @returns undefined when there is no such object */
  head(key: string, signal?: AbortSignal): Promise<S3ObjectInfo | undefined>;
  /** @returns undefined when there is no such object (or none with that version any more) */
  open(key: string, options?: S3OpenOptions, signal?: AbortSignal): Promise<S3Body | undefined>;
  /** Removing what is not there is no error. */
  delete(key: string): Promise<void>;
}

export interface S3PutOptions {
  readonly contentType: string;
  /** User metadata (`x-amz-meta-*`), lower-case names. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface S3ObjectInfo {
  readonly sizeBytes: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly etag: string | undefined;
}

export interface S3OpenOptions {
  /** First byte wanted. @default 0 */
  readonly startByte?: number;
  /** Only this version of the object. */
  readonly ifMatchEtag?: string;
}

export interface S3Body {
  /** Throws AvdError unavailable when the connection breaks. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Of the whole object, whatever part was asked for. */
  readonly totalBytes: number | undefined;
  readonly etag: string | undefined;
}

export interface S3BucketOptions {
  readonly bucket: string;
  /** Address of a server other than AWS, e.g. `http://minio:9000`. */
  readonly endpoint?: string;
  /** @default AWS_REGION, else `us-east-1` */
  readonly region?: string;
  /** `endpoint/bucket/key` in place of `bucket.endpoint/key`. @default true when `endpoint` is given */
  readonly forcePathStyle?: boolean;
  /** Tries of one request by the SDK, the first included. @default 3 */
  readonly maxAttempts?: number;
}
