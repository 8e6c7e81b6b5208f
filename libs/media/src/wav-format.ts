import { AvdError } from '@avd/domain';

/** Where the samples of a 16-bit PCM WAV file lie. */
export interface WavLayout {
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly dataOffsetBytes: number;
  readonly dataBytes: number;
}

export const WAV_HEADER_BYTES = 44;
const MAX_RIFF_BYTES = 0xffff_ffff;

/** The 44 bytes before the samples of a mono 16-bit PCM file. Sizes beyond 4 GiB (37 h at 16 kHz) are capped. */
export function wavHeader(sampleCount: number, sampleRateHz: number): Uint8Array {
  const dataBytes = Math.min(sampleCount * 2, MAX_RIFF_BYTES - 36);
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

const PCM = 1;
const EXTENSIBLE = 0xfffe;

/**
 * Reads the chunks at the start of a WAV file.
 *
 * @param head the first bytes of the file, up to and including the header of the data chunk
 * @param fileBytes size of the whole file: a data chunk that claims more is cut to it
 * @throws AvdError media NOT_A_WAV_FILE when it is no 16-bit PCM WAV file
 */
export function parseWav(head: Buffer, fileBytes: number, name: string): WavLayout {
  if (
    head.length < 12 ||
    head.toString('latin1', 0, 4) !== 'RIFF' ||
    head.toString('latin1', 8, 12) !== 'WAVE'
  ) {
    throw notWav(name);
  }
  let format: { sampleRateHz: number; channelCount: number } | undefined;
  for (let offset = 12; offset + 8 <= head.length;) {
    const id = head.toString('latin1', offset, offset + 4);
    const sizeBytes = head.readUInt32LE(offset + 4);
    const body = offset + 8;
    if (id === 'fmt ' && body + 16 <= head.length) {
      const code = head.readUInt16LE(body);
      const bitsPerSample = head.readUInt16LE(body + 14);
      if ((code !== PCM && code !== EXTENSIBLE) || bitsPerSample !== 16) throw notWav(name);
      format = {
        channelCount: head.readUInt16LE(body + 2),
        sampleRateHz: head.readUInt32LE(body + 4),
      };
    }
    if (id === 'data' && format !== undefined && format.channelCount > 0) {
      const bytesThere = Math.max(0, fileBytes - body);
      // A capped or never completed size (0, 0xffffffff) means: up to the end of the file.
      const isOpen = sizeBytes === 0 || sizeBytes >= MAX_RIFF_BYTES - 36;
      const dataBytes = isOpen ? bytesThere : Math.min(sizeBytes, bytesThere);
      return { ...format, dataOffsetBytes: body, dataBytes };
    }
    offset = body + sizeBytes + (sizeBytes % 2);
  }
  throw notWav(name);
}

function notWav(name: string): AvdError {
  return new AvdError('media', 'NOT_A_WAV_FILE', `"${name}" is not a 16-bit PCM WAV file.`);
}
