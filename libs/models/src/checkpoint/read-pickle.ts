import { damagedCheckpoint, unsafeCheckpoint, unsupportedCheckpoint } from './errors.js';
import { PickleCursor } from './pickle-cursor.js';
import { Op, REFUSED_OPCODES } from './pickle-opcodes.js';
import { isTuple } from './pickle-values.js';
import type { PickleTuple, PickleValue } from './pickle-values.js';

/** What the words of a pickle mean. Whatever is not known must throw. */
export interface PickleMeaning {
  /** A name the pickle imports. */
  importName(moduleName: string, name: string): PickleValue;
  /** A call of an imported name. */
  call(callee: PickleValue, args: PickleTuple): PickleValue;
  /** Something that lies outside of the pickle. */
  persistent(id: PickleValue): PickleValue;
  /** Attributes given to an object that was made before. */
  setAttributes(target: PickleValue, attributes: PickleValue): void;
}

/** Every step may make an object of some hundred bytes: this many stay below about 200 MB. */
const MAX_STEPS = 1_000_000;
const MAX_PROTOCOL = 5;

/**
 * Reads one pickle (protocols 2 to 5, and their common subset of opcodes) as plain data: nothing is imported
 * or run, names and calls go through `meaning`. Time and memory are bounded by the length of the pickle and by
 * a fixed number of steps.
 *
 * @param bytes holds the pickle from `offset` on, and maybe more
 * @returns the value, and where the pickle ends
 * @throws PickleEndsEarly when the bytes end first; AvdError kind `model` for what is not allowed or wrong
 */
export function readPickle(
  bytes: Uint8Array,
  offset: number,
  meaning: PickleMeaning,
): { readonly value: PickleValue; readonly endOffset: number } {
  return new PickleMachine(bytes, offset, meaning).run();
}

class PickleMachine {
  readonly #cursor: PickleCursor;
  readonly #meaning: PickleMeaning;
  readonly #stack: PickleValue[] = [];
  /** Heights of the stack at the marks. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, offset: number, meaning: PickleMeaning) {
    this.#cursor = new PickleCursor(bytes, offset);
    this.#meaning = meaning;
  }

  run(): { value: PickleValue; endOffset: number } {
    for (let step = 0; step < MAX_STEPS; step++) {
      const opcode = this.#cursor.uint8();
      if (opcode === Op.STOP) return { value: this.#pop(), endOffset: this.#cursor.offset };
      this.#execute(opcode);
    }
    throw unsupportedCheckpoint(`its pickle takes more than ${MAX_STEPS} steps`);
  }

  #execute(opcode: number): void {
    const cursor = this.#cursor;
    switch (opcode) {
      case Op.PROTO:
        return this.#checkProtocol(cursor.uint8());
      case Op.FRAME:
        return cursor.skip(8);
      case Op.NONE:
        return this.#push(null);
      case Op.NEWTRUE:
        return this.#push(true);
      case Op.NEWFALSE:
        return this.#push(false);
      case Op.BININT:
        return this.#push(cursor.int32());
      case Op.BININT1:
        return this.#push(cursor.uint8());
      case Op.BININT2:
        return this.#push(cursor.uint16());
      case Op.LONG1:
        return this.#push(cursor.integer(cursor.uint8()));
      case Op.BINFLOAT:
        return this.#push(cursor.float64());
      case Op.BINUNICODE:
      case Op.BINSTRING:
        return this.#push(cursor.text(cursor.uint32()));
      case Op.SHORT_BINUNICODE:
      case Op.SHORT_BINSTRING:
        return this.#push(cursor.text(cursor.uint8()));
      case Op.EMPTY_LIST:
        return this.#push([]);
      case Op.EMPTY_DICT:
        return this.#push(new Map());
      case Op.EMPTY_TUPLE:
        return this.#pushTuple([]);
      case Op.TUPLE:
        return this.#pushTuple(this.#popToMark());
      case Op.TUPLE1:
      case Op.TUPLE2:
      case Op.TUPLE3:
        return this.#pushTuple(this.#popMany(opcode - Op.TUPLE1 + 1));
      case Op.APPEND:
        return this.#append(this.#popMany(1));
      case Op.APPENDS:
        return this.#append(this.#popToMark());
      case Op.SETITEM:
        return this.#setItems(this.#popMany(2));
      case Op.SETITEMS:
        return this.#setItems(this.#popToMark());
      default:
        return this.#executeMachinery(opcode);
    }
  }

  /** Stack, memo, and the opcodes that would reach outside of the pickle. */
  #executeMachinery(opcode: number): void {
    const cursor = this.#cursor;
    switch (opcode) {
      case Op.MARK:
        this.#marks.push(this.#stack.length);
        return;
      case Op.POP:
        this.#pop();
        return;
      case Op.POP_MARK:
        this.#popToMark();
        return;
      case Op.BINPUT:
        return this.#store(cursor.uint8());
      case Op.LONG_BINPUT:
        return this.#store(cursor.uint32());
      case Op.MEMOIZE:
        return this.#store(this.#memo.size);
      case Op.BINGET:
        return this.#recall(cursor.uint8());
      case Op.LONG_BINGET:
        return this.#recall(cursor.uint32());
      case Op.GLOBAL: {
        const moduleName = cursor.line();
        return this.#push(this.#meaning.importName(moduleName, cursor.line()));
      }
      case Op.STACK_GLOBAL: {
        const [moduleName, name] = this.#popMany(2);
        if (typeof moduleName !== 'string' || typeof name !== 'string') {
          throw damagedCheckpoint('it imports something that is not a name');
        }
        return this.#push(this.#meaning.importName(moduleName, name));
      }
      case Op.REDUCE: {
        const args = this.#pop();
        if (!isTuple(args)) {
          throw damagedCheckpoint('it calls something without a list of arguments');
        }
        return this.#push(this.#meaning.call(this.#pop(), args));
      }
      case Op.BUILD: {
        const attributes = this.#pop();
        return this.#meaning.setAttributes(this.#top(), attributes);
      }
      case Op.BINPERSID:
        return this.#push(this.#meaning.persistent(this.#pop()));
      default: {
        const name = REFUSED_OPCODES.get(opcode);
        if (name !== undefined) throw unsafeCheckpoint(`the pickle operation ${name}`);
        throw damagedCheckpoint(`it holds an unknown pickle operation 0x${opcode.toString(16)}`);
      }
    }
  }

  #checkProtocol(protocol: number): void {
    if (protocol > MAX_PROTOCOL) throw unsupportedCheckpoint(`pickle protocol ${protocol}`);
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pushTuple(items: readonly PickleValue[]): void {
    this.#push({ kind: 'tuple', items });
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || this.#stack.length <= this.#floor()) throw emptyStack();
    return value;
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.length -= 1;
    return value;
  }

  #popMany(count: number): PickleValue[] {
    if (this.#stack.length - count < this.#floor()) throw emptyStack();
    return this.#stack.splice(this.#stack.length - count, count);
  }

  #popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw emptyStack();
    return this.#stack.splice(mark);
  }

  /** What lies below the last mark cannot be taken. */
  #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  #store(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) {
      throw damagedCheckpoint(`it refers to object ${index}, which does not exist`);
    }
    this.#push(value);
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw damagedCheckpoint('it appends to something that is not a list');
    for (const item of items) list.push(item);
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) {
      throw damagedCheckpoint('it sets entries of something that is not a dictionary');
    }
    for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
  }
}

function emptyStack(): Error {
  return damagedCheckpoint('its pickle takes more objects than it makes');
}
