/** The parts of `@echogarden/fvad-wasm` (libfvad compiled by Emscripten, without types of its own) that are used here. */
declare module '@echogarden/fvad-wasm' {
  export interface FvadModule {
    /** View of the memory as int16; replaced when the memory grows, so read it anew for each use. */
    readonly HEAP16: Int16Array;
    _malloc(byteCount: number): number;
    _free(address: number): void;
    _fvad_new(): number;
    _fvad_free(detector: number): void;
    _fvad_set_mode(detector: number, mode: number): number;
    _fvad_set_sample_rate(detector: number, sampleRateHz: number): number;
    /** 1 speech, 0 none, -1 frame of a wrong length. */
    _fvad_process(detector: number, frameAddress: number, sampleCount: number): number;
  }
  export default function createFvad(options?: object): Promise<FvadModule>;
}
