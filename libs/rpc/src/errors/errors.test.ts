import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { AvdError, ERROR_KINDS, type ErrorKind } from '@avd/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toAvdError } from './client-error.js';
import { toPublicError, toServiceError } from './server-error.js';
import { decodeStatus, encodeStatus, fromStatus, toStatus } from './status.js';

const KINDS = Object.keys(ERROR_KINDS) as ErrorKind[];

describe('google.rpc.Status', () => {
  it.each(KINDS)('keeps kind, reason, message and details of a %s error', (kind) => {
    const error = new AvdError(kind, 'SOME_REASON', 'A sentence – with “signs” and 50 %.', {
      details: { field: 'source.uri', limit: '3' },
    });
    const back = fromStatus(decodeStatus(encodeStatus(toStatus(error))));
    expect([back.kind, back.reason, back.message, back.details]).toEqual([
      kind,
      'SOME_REASON',
      error.message,
      { field: 'source.uri', limit: '3' },
    ]);
  });

  it('keeps any text', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        text,
        fc.dictionary(text, text),
        (kind, message, details) => {
          fc.pre(!('errorKind' in details));
          const error = new AvdError(kind, 'R', message, { details });
          const back = fromStatus(decodeStatus(encodeStatus(toStatus(error))));
          expect(back.message).toBe(message);
          expect(Object.entries(back.details)).toEqual(
            expect.arrayContaining(Object.entries(details)),
          );
        },
      ),
    );
  });

  it('says when to try again for errors that pass, and which field is wrong', () => {
    const types = (error: AvdError): string[] =>
      toStatus(error).details.map(({ typeUrl }) => typeUrl.replace(/.*\./, ''));
    expect(types(new AvdError('unavailable', 'R', 'm'))).toEqual(['ErrorInfo', 'RetryInfo']);
    expect(
      types(new AvdError('invalidInput', 'R', 'm', { details: { field: 'page_size' } })),
    ).toEqual(['ErrorInfo', 'BadRequest']);
    expect(types(new AvdError('notFound', 'R', 'm'))).toEqual(['ErrorInfo']);
  });

  it('uses the closest gRPC code', () => {
    const code = (kind: ErrorKind, reason: string): number =>
      toStatus(new AvdError(kind, reason, 'm')).code;
    expect(code('media', 'NO_VIDEO')).toBe(status.INVALID_ARGUMENT);
    expect(code('precondition', 'ALREADY_EXISTS')).toBe(status.ALREADY_EXISTS);
    expect(code('cancelled', 'DEADLINE_EXCEEDED')).toBe(status.DEADLINE_EXCEEDED);
    expect(code('cancelled', 'CANCELLED')).toBe(status.CANCELLED);
  });

  it('reads a status without details of another program', () => {
    const error = fromStatus({ code: status.NOT_FOUND, message: 'no such thing', details: [] });
    expect([error.kind, error.reason, error.message]).toEqual([
      'notFound',
      'NOT_FOUND',
      'no such thing',
    ]);
  });
});

describe('what a client may know', () => {
  it('hides the text of unknown errors and keeps the cause for the log', () => {
    const cause = new Error('password=hunter2 in /etc/secret');
    const error = toPublicError(cause);
    expect(error.kind).toBe('internal');
    expect(error.message).not.toContain('hunter2');
    expect(error.cause).toBe(cause);
    expect(JSON.stringify(toServiceError(error))).not.toContain('hunter2');
  });

  it('says that a disk is full, without its path', () => {
    const error = toPublicError(
      Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: '/secret/place' }),
    );
    expect([error.kind, error.reason]).toEqual(['resourceExhausted', 'DISK_FULL']);
    expect(error.message).not.toContain('secret');
  });

  it('treats the path of a missing file of its own as a secret too', () => {
    const error = toPublicError(
      Object.assign(new Error('ENOENT'), { code: 'ENOENT', path: '/secret/place' }),
    );
    expect(error.kind).toBe('internal');
  });

  it('keeps kind and reason of an error whose details are too long for a trailer', () => {
    const long = new AvdError('invalidInput', 'LONG', `${'x'.repeat(5000)}\ud800`, {
      details: { a: 'y'.repeat(50_000) },
    });
    const sent = toServiceError(long);
    const back = toAvdError(sent);
    expect([back.kind, back.reason]).toEqual(['invalidInput', 'LONG']);
    const [encoded] = sent.metadata.get('grpc-status-details-bin');
    expect(encoded?.length).toBeLessThan(8192);
  });
});

describe('errors that gRPC makes itself', () => {
  const foreign = (code: status, details: string): ServiceError =>
    Object.assign(new Error(details), { code, details, metadata: new Metadata() });

  it('become one sentence', () => {
    expect(
      toAvdError(foreign(status.UNAVAILABLE, 'No connection established. Last error: …'), {
        address: 'host:50051',
      }).message,
    ).toBe(
      'No avd server answers at host:50051; start one with `avd up`, or give the address of one that runs.',
    );
    expect(toAvdError(foreign(status.UNAVAILABLE, 'Connection dropped')).reason).toBe(
      'CONNECTION_LOST',
    );
    expect(
      toAvdError(foreign(status.DEADLINE_EXCEEDED, 'x'), { address: 'h:1', deadlineSec: 3 })
        .message,
    ).toBe('No answer from the avd server at h:1 within 3 s.');
    expect(toAvdError(foreign(status.UNIMPLEMENTED, 'x')).reason).toBe('UNIMPLEMENTED');
  });

  it('survive details that are no google.rpc.Status', () => {
    const error = foreign(status.NOT_FOUND, 'gone');
    error.metadata.set('grpc-status-details-bin', Buffer.from([255, 255, 255]));
    expect(toAvdError(error).kind).toBe('notFound');
  });
});
