/** The fields of ffprobe's JSON that are read. Any of them may be absent. */
export interface RawProbe {
  readonly streams?: readonly RawStream[];
  readonly format?: { readonly format_name?: string; readonly duration?: string };
}

export interface RawStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly r_frame_rate?: string;
  readonly avg_frame_rate?: string;
  readonly time_base?: string;
  readonly start_time?: string;
  readonly duration?: string;
  readonly sample_rate?: string;
  readonly channels?: number;
  readonly disposition?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

/** Clockwise degrees (0, 90, 180, 270). ffprobe gives the display matrix counter-clockwise; 4.x also a tag. */
export function rotationOf(stream: RawStream): number {
  const matrixDeg = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation;
  const clockwiseDeg = matrixDeg === undefined ? Number(stream.tags?.['rotate'] ?? 0) : -matrixDeg;
  if (!Number.isFinite(clockwiseDeg)) return 0;
  return (((Math.round(clockwiseDeg / 90) * 90) % 360) + 360) % 360;
}
