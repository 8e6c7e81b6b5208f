import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MinHeap } from './min-heap.js';

describe('MinHeap', () => {
  it('gives its items from the least to the greatest, also after some were dropped', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 5 }), (items, divisor) => {
        const heap = new MinHeap<number>((a, b) => a < b);
        for (const item of items) heap.push(item);
        const isKept = (item: number): boolean => item % divisor === 0;
        heap.keep(isKept);
        const kept = items.filter(isKept).sort((a, b) => a - b);
        expect(heap.size).toBe(kept.length);
        expect(kept.map(() => heap.pop())).toEqual(kept);
        expect(heap.pop()).toBeUndefined();
        expect(heap.peek()).toBeUndefined();
      }),
    );
  });
});
