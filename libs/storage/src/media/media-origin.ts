/** Part of a medium from `startByte` to its end. */
export interface MediaPart {
  /** What was asked for, or 0 when the source gives only the whole. */
  readonly startByte: number;
  /** Of the whole medium, when the source says so. */
  readonly totalBytes: number | undefined;
  /** Names this version of the medium, to go on with the same one later; undefined when the source has no such name. */
  readonly validator: string | undefined;
  /** Throws AvdError unavailable when the connection breaks. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

export interface MediaPartRequest {
  readonly startByte: number;
  /** The version to go on with; the whole of a newer one comes instead. Given when `startByte` is not 0. */
  readonly validator?: string;
  /** Nothing is wanted when this is still the version. */
  readonly unlessValidator?: string;
}

/** A place that media can be downloaded from. */
export interface MediaOrigin {
  /**
   * @throws AvdError unavailable MEDIA_UNAVAILABLE (worth trying again), notFound MEDIA_NOT_FOUND,
   * permissionDenied MEDIA_ACCESS_DENIED
   */
  open(request: MediaPartRequest, signal: AbortSignal): Promise<MediaPart | 'unchanged'>;
}
