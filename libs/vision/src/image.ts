/** Packed BGR picture, 3 bytes a pixel, rows top to bottom. Every decoded frame of the media reader is one. */
export interface BgrImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Whole pixels of a picture; may reach outside of it. */
export interface PixelRegion {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Black picture of the given size. */
export function createBgrImage(width: number, height: number): BgrImage {
  return { width, height, data: new Uint8Array(width * height * 3) };
}
