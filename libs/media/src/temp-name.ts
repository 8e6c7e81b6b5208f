import { randomUUID } from 'node:crypto';

/** A name beside `file` which no other run uses; the finished file is then renamed, so `file` is whole or absent. */
export function tempNameFor(file: string): string {
  return `${file}.${process.pid}.${randomUUID().slice(0, 8)}.part`;
}
