/**
 * The order in which CPython walks a set of small integers, which decides ties in the reference's majority filter.
 * A hash table with open addressing: up to 10 neighbouring slots are tried where they fit, then a jump that mixes in
 * higher bits of the hash; three fifths full makes it grow to at least four times its entries.
 */
const LINEAR_PROBES = 9;
const FIRST_SLOT_COUNT = 8;

/** Values in the order CPython 3 iterates `set(values)`; whole numbers below 2^31, filled in the order given. */
export function cpythonSetOrder(values: Iterable<number>): number[] {
  let slots = new Array<number | undefined>(FIRST_SLOT_COUNT).fill(undefined);
  let count = 0;
  for (const value of values) {
    if (!insert(slots, value)) continue;
    count++;
    if (count * 5 < (slots.length - 1) * 3) continue;
    let slotCount = FIRST_SLOT_COUNT;
    while (slotCount <= count * 4) slotCount *= 2;
    const grown = new Array<number | undefined>(slotCount).fill(undefined);
    for (const old of slots) if (old !== undefined) insert(grown, old);
    slots = grown;
  }
  return slots.filter((value) => value !== undefined);
}

/** False when the value is there already. */
function insert(slots: (number | undefined)[], value: number): boolean {
  const mask = slots.length - 1;
  // Python hashes -1 as -2; negative hashes mix in as unsigned 64-bit numbers.
  let perturb = BigInt.asUintN(64, BigInt(value === -1 ? -2 : value));
  let slot = Number(perturb & BigInt(mask));
  for (;;) {
    const last = slot + LINEAR_PROBES <= mask ? slot + LINEAR_PROBES : slot;
    for (let probe = slot; probe <= last; probe++) {
      if (slots[probe] === value) return false;
      if (slots[probe] === undefined) {
        slots[probe] = value;
        return true;
      }
    }
    perturb >>= 5n;
    slot = Number((BigInt(slot) * 5n + 1n + perturb) & BigInt(mask));
  }
}
