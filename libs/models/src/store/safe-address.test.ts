import { describe, expect, it } from 'vitest';
import { isSafeAddress } from './safe-address.js';

describe('isSafeAddress', () => {
  it.each([
    'https://example.org/x',
    'http://localhost:1/x',
    'http://127.0.0.1/',
    'http://[::1]:8/',
  ])('lets %s pass', (address) => expect(isSafeAddress(address)).toBe(true));

  it.each([
    'http://example.org/x',
    'http://127.0.0.1.example.org/',
    'http://localhost.example.org/',
    'ftp://localhost/',
    'file:///x',
    'x',
  ])('stops %s', (address) => expect(isSafeAddress(address)).toBe(false));
});
