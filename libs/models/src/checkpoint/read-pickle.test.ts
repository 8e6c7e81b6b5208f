import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PickleWriter } from '../testing/index.js';
import { PickleEndsEarly } from './pickle-cursor.js';
import { Op } from './pickle-opcodes.js';
import type { PickleValue } from './pickle-values.js';
import { readPickle } from './read-pickle.js';
import { torchMeaning } from './torch-objects.js';

const meaning = torchMeaning({ maxElements: 1000 }, () => undefined);

function read(pickle: Uint8Array): PickleValue {
  return readPickle(pickle, 0, meaning).value;
}

const raw = (...bytes: number[]): Uint8Array => new PickleWriter().raw(...bytes).finish();

/** A pickle of one tensor; a part that is left out is the one of a proper 2x2 tensor. */
function tensorPickle(parts: {
  readonly elementCount?: number;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
  readonly name?: string;
}): Uint8Array {
  const { elementCount = 4, offset = 0, shape = [2, 2], strides = [2, 1] } = parts;
  const pickle = new PickleWriter().imported('torch._utils', parts.name ?? '_rebuild_tensor');
  pickle.tuple(() => {
    pickle.tuple(() => {
      pickle.text('storage').imported('torch', 'FloatStorage').text('0').text('cpu');
      pickle.integer(elementCount);
    });
    pickle.raw(0x51).integer(offset);
    pickle.tuple(() => shape.forEach((dim) => pickle.integer(dim)));
    pickle.tuple(() => strides.forEach((stride) => pickle.integer(stride)));
  });
  return pickle.raw(0x52).finish();
}

describe('readPickle', () => {
  it('tells where the pickle ends', () => {
    const bytes = Uint8Array.of(1, 2, 0x80, 2, 0x4b, 9, 0x2e, 77);
    expect(readPickle(bytes, 2, meaning)).toEqual({ value: 9, endOffset: 7 });
  });

  it('says that bytes are missing, which is not yet an error of the file', () => {
    expect(() => read(Uint8Array.of(0x80, 2, 0x58, 5, 0, 0, 0, 0x61))).toThrow(PickleEndsEarly);
    expect(() => read(Uint8Array.of(0x80, 2, 0x63, 0x61))).toThrow(PickleEndsEarly);
  });

  it('reads text of Python 2', () => {
    expect(read(raw(0x55, 2, 0x68, 0x69))).toBe('hi');
  });

  it('keeps whole numbers exact', () => {
    expect(read(raw(0x8a, 2, 0xff, 0xff))).toBe(-1);
    expect(read(raw(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1))).toBe(2n ** 64n);
    expect(read(raw(0x8a, 0))).toBe(0);
  });

  it('reads a list that contains itself', () => {
    // EMPTY_LIST, BINPUT 0, BINGET 0, APPEND
    const list = read(raw(0x5d, 0x71, 0, 0x68, 0, 0x61)) as PickleValue[];
    expect(list[0]).toBe(list);
  });

  it.each([
    ['nothing on the stack', []],
    ['a tuple of two from one', [0x4e, 0x86]],
    ['objects from before the mark', [0x4e, 0x28, 0x30]],
    ['a mark that is not there', [0x4e, 0x74]],
    ['an unknown object', [0x68, 3]],
    ['append to a tuple', [0x29, 0x4e, 0x61]],
    ['an odd number of entries', [0x7d, 0x28, 0x4e, 0x75]],
    ['entries of a list', [0x5d, 0x4e, 0x4e, 0x73]],
    ['an unknown opcode', [0xff]],
    ['a call with a list', [0x4e, 0x5d, 0x52]],
    ['an import of a number', [0x4e, 0x4e, 0x93]],
  ])('refuses %s', (_, bytes) => {
    expect(() => read(raw(...bytes))).toThrow('The checkpoint cannot be read');
  });

  it.each([
    ['NEWOBJ', [0x4e, 0x29, 0x81]],
    ['INST', [0x69]],
    ['SHORT_BINBYTES', [0x43, 0]],
    ['EXT1', [0x82, 1]],
    ['GET', [0x67]],
  ])('refuses the operation %s by name', (name, bytes) => {
    expect(() => read(raw(...bytes))).toThrow(
      `it holds more than tensors: the pickle operation ${name}.`,
    );
  });

  it('refuses names it does not know, without their control characters', () => {
    const pickle = new PickleWriter().imported('\u001b[31mos', 'system').finish();
    expect(() => read(pickle)).toThrow('it uses "?[31mos.system".');
  });

  it.each([
    ['a tensor type', [0x63, ...Buffer.from('torch\nFloatStorage\n'), 0x29, 0x52]],
    ['a number', [0x4e, 0x29, 0x52]],
  ])('refuses to call %s', (_, bytes) => {
    expect(() => read(raw(...bytes))).toThrow('it calls something that is not a function');
  });

  it('refuses to set attributes of anything but a dictionary', () => {
    expect(() => read(raw(0x5d, 0x7d, 0x62))).toThrow('it sets attributes of an object');
    expect(read(raw(0x7d, 0x4e, 0x62))).toEqual(new Map());
  });

  it('stops a pickle that makes objects without end', () => {
    const dictionaries = new Uint8Array(3_000_000).fill(0x7d);
    expect(() => read(dictionaries)).toThrow('its pickle takes more than 1000000 steps');
  });

  it('ends with a value or a clear error for any operations', () => {
    const operations = Object.values(Op).flatMap((opcode) => [
      fc.constant([opcode]),
      fc.uint8Array({ maxLength: 5 }).map((args) => [opcode, ...args]),
    ]);
    const names = ['collections\nOrderedDict\n', 'torch._utils\n_rebuild_tensor_v2\n'];
    const known = names.map((name) => fc.constant([Op.GLOBAL, ...Buffer.from(name)]));
    const text = fc.constant([Op.SHORT_BINUNICODE, 7, ...Buffer.from('storage')]);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(...operations, ...known, text), { maxLength: 60 }),
        (program) => {
          try {
            read(raw(...program.flat()));
          } catch (error) {
            if (error instanceof PickleEndsEarly) return;
            expect(error).toMatchObject({ kind: 'model' });
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('refuses pickle protocols of the future', () => {
    expect(() => read(Uint8Array.of(0x80, 6, 0x4e, 0x2e))).toThrow('pickle protocol 6');
  });
});

describe('tensors in a pickle', () => {
  it('are read in the old way of describing them as well', () => {
    expect(read(tensorPickle({}))).toMatchObject({
      kind: 'tensor',
      shape: [2, 2],
      strides: [2, 1],
    });
  });

  it('may use all of their storage', () => {
    expect(read(tensorPickle({ elementCount: 5, offset: 1 }))).toMatchObject({ offsetElements: 1 });
  });

  it.each([
    ['reach over the end', { offset: 1 }, 'outside of its storage'],
    ['have a stride that leaves the storage', { strides: [3, 1] }, 'outside of its storage'],
    ['have a negative stride', { strides: [-2, 1] }, 'a wrong stride'],
    ['have a negative size', { shape: [-1, 2] }, 'a wrong shape'],
    ['have a negative offset', { offset: -4 }, 'a wrong offset'],
    ['have a stride too few', { strides: [1] }, 'a wrong shape'],
    ['repeat few numbers too often', { shape: [1e5, 1e5], strides: [0, 0] }, 'more elements than'],
    ['have a negative storage', { elementCount: -4 }, 'describes a storage wrongly'],
  ])('are refused when they %s', (_, parts, saying) => {
    expect(() => read(tensorPickle(parts))).toThrow(saying);
  });

  it('may be empty, however large the other sizes are', () => {
    const shape = [2 ** 30, 0, 2 ** 30];
    expect(read(tensorPickle({ shape, strides: [0, 0, 0] }))).toMatchObject({ shape });
  });
});
