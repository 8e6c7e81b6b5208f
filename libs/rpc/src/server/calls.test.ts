import { inspect } from 'node:util';
import { AvdError, ERROR_KINDS, type ErrorKind } from '@avd/domain';
import { afterEach, describe, expect, it } from 'vitest';
import { startEcho, until, type EchoPair } from '../testing/echo-server.js';
import type { Echo } from '../testing/echo-service.js';
import type { CallContext } from './call-context.js';
import { clientStream, serverStream, unary } from './handlers.js';

let echo: EchoPair | undefined;
afterEach(async () => {
  await echo?.close();
  echo = undefined;
});

const neverEnds = async (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

describe('calls', () => {
  it('move one message, a stream down and a stream up', async () => {
    echo = await startEcho();
    expect(await echo.client.call('say', { text: 'hi' })).toEqual({ text: 'hi' });
    const words: string[] = [];
    for await (const { text } of echo.client.stream('list', { text: 'a b c' })) words.push(text);
    expect(words).toEqual(['a', 'b', 'c']);
    expect(await echo.client.upload('collect', [{ text: 'x' }, { text: 'y' }])).toEqual({
      text: 'x y',
    });
  });

  it('tell the handler who calls, what and with which metadata', async () => {
    let seen: CallContext | undefined;
    echo = await startEcho({
      say: unary((request: Echo, call) => {
        seen = call;
        return request;
      }),
    });
    await echo.client.call('say', { text: '' }, { metadata: { 'x-who': 'me' } });
    expect(seen?.metadata['x-who']).toBe('me');
    expect(seen?.method).toBe('avd.test.v1.EchoService/Say');
    expect(seen?.peer).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(seen?.signal.aborted).toBe(false);
  });

  it.each(Object.keys(ERROR_KINDS) as ErrorKind[])(
    'carry a %s error to the client',
    async (kind) => {
      const thrown = new AvdError(kind, 'SOME_REASON', 'One – sentence: 100 %.', {
        details: { field: 'a.b' },
      });
      echo = await startEcho({
        say: unary(() => {
          throw thrown;
        }),
        list: serverStream(async function* (): AsyncGenerator<Echo> {
          throw thrown;
        }),
      });
      const expected = {
        kind,
        reason: 'SOME_REASON',
        message: thrown.message,
        details: { field: 'a.b' },
      };
      await expect(echo.client.call('say', { text: '' })).rejects.toMatchObject(expected);
      await expect(echo.client.stream('list', { text: '' }).next()).rejects.toMatchObject(expected);
    },
  );

  it('hide what an unexpected error says, and log it', async () => {
    const logged: unknown[] = [];
    echo = await startEcho(
      {
        say: unary(() => {
          throw new TypeError('secret');
        }),
      },
      {
        logger: {
          error: (_, fields) => void logged.push(fields['error']),
          warn: () => undefined,
        },
      },
    );
    const error = await echo.client.call('say', { text: '' }).catch((e: unknown) => e as AvdError);
    expect(error).toMatchObject({ kind: 'internal', reason: 'INTERNAL' });
    expect(inspect(error)).not.toContain('secret');
    expect(logged).toEqual([new TypeError('secret')]);
  });

  it('deliver the messages before the error of a stream', async () => {
    echo = await startEcho({
      list: serverStream(async function* (): AsyncGenerator<Echo> {
        yield { text: '1' };
        yield { text: '2' };
        throw new AvdError('media', 'NO_VIDEO', 'No video.');
      }),
    });
    const seen: string[] = [];
    const read = async (client: EchoPair['client']): Promise<void> => {
      for await (const { text } of client.stream('list', { text: '' })) seen.push(text);
    };
    await expect(read(echo.client)).rejects.toMatchObject({ reason: 'NO_VIDEO' });
    expect(seen).toEqual(['1', '2']);
  });

  it('may be answered before the last request, which ends the upload', async () => {
    let sent = 0;
    let isLeft = false;
    echo = await startEcho({
      collect: clientStream(async (requests: AsyncIterable<Echo>): Promise<Echo> => {
        for await (const { text } of requests) {
          throw new AvdError('invalidInput', 'BAD_FIRST', `Not ${text}.`);
        }
        return { text: '' };
      }),
    });
    async function* endless(): AsyncGenerator<Echo> {
      try {
        for (;;) yield { text: String(sent++) };
      } finally {
        isLeft = true;
      }
    }
    await expect(echo.client.upload('collect', endless())).rejects.toMatchObject({
      reason: 'BAD_FIRST',
    });
    await until(() => isLeft);
    expect(sent).toBeLessThan(10_000);
  });

  it('give the error of a failing source to the caller and cancel the upload', async () => {
    let reason: unknown;
    let hasBegun = false;
    echo = await startEcho({
      collect: clientStream(async (requests: AsyncIterable<Echo>, { signal }): Promise<Echo> => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        for await (const { text } of requests) hasBegun = text === '1';
        return { text: '' };
      }),
    });
    async function* failing(): AsyncGenerator<Echo> {
      yield { text: '1' };
      await until(() => hasBegun);
      throw new Error('disk gone');
    }
    await expect(echo.client.upload('collect', failing())).rejects.toThrow('disk gone');
    await until(() => reason !== undefined);
    expect(reason).toMatchObject({ reason: 'CANCELLED' });
  });

  it('refuse a message that is too large with a clear sentence', async () => {
    echo = await startEcho({}, { maxReceiveBytes: 1000 });
    await expect(echo.client.call('say', { text: 'x'.repeat(2000) })).rejects.toMatchObject({
      kind: 'invalidInput',
      reason: 'MESSAGE_TOO_LARGE',
      message:
        'A message of 2011 bytes is larger than the 1000 bytes that one message may have; send it in parts.',
    });
    expect(await echo.client.call('say', { text: 'small' })).toEqual({ text: 'small' });
  });
});

describe('the signal of a handler', () => {
  it('aborts at the deadline', async () => {
    let reason: unknown;
    echo = await startEcho({
      say: unary(async (_: Echo, { signal }) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        return neverEnds(signal);
      }),
    });
    await expect(echo.client.call('say', { text: '' }, { deadlineSec: 0.1 })).rejects.toMatchObject(
      { kind: 'cancelled', reason: 'DEADLINE_EXCEEDED' },
    );
    await until(() => reason !== undefined);
    expect(reason).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  });

  it('aborts when the client cancels', async () => {
    const controller = new AbortController();
    let reason: unknown;
    echo = await startEcho({
      say: unary(async (_: Echo, { signal }) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        controller.abort();
        return neverEnds(signal);
      }),
    });
    await expect(
      echo.client.call('say', { text: '' }, { signal: controller.signal }),
    ).rejects.toMatchObject({ kind: 'cancelled', reason: 'CANCELLED' });
    await until(() => reason !== undefined);
    expect(reason).toMatchObject({ reason: 'CANCELLED' });
  });

  it('aborts when the client leaves a stream, whose generator is then returned', async () => {
    let isReturned = false;
    echo = await startEcho({
      list: serverStream(async function* (_: Echo, { signal }): AsyncGenerator<Echo> {
        try {
          yield { text: 'first' };
          await neverEnds(signal);
        } finally {
          isReturned = true;
        }
      }),
    });
    for await (const message of echo.client.stream('list', { text: '' })) {
      expect(message).toEqual({ text: 'first' });
      break;
    }
    await until(() => isReturned);
  });

  it('stays quiet after the answer', async () => {
    let signal: AbortSignal | undefined;
    echo = await startEcho({
      say: unary((request: Echo, call) => {
        signal = call.signal;
        return request;
      }),
    });
    await echo.client.call('say', { text: '' });
    // A second call on the same connection has come back, so the end of the first was seen.
    await echo.client.call('say', { text: '' });
    expect(signal?.aborted).toBe(false);
  });
});

describe('back-pressure', () => {
  it('holds a generator back while its reader is slow', async () => {
    const chunk = 'x'.repeat(256 * 1024);
    let produced = 0;
    echo = await startEcho({
      list: serverStream(async function* (): AsyncGenerator<Echo> {
        while (produced < 300) {
          produced++;
          yield { text: chunk };
        }
      }),
    });
    const stream = echo.client.stream('list', { text: '' });
    await stream.next();
    let before = -1;
    // Nothing is read meanwhile: the count must come to rest far from the end.
    for (let rounds = 0; rounds < 200 && before !== produced; rounds++) {
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(produced).toBe(before);
    expect(produced).toBeLessThan(100);
    let received = 1;
    for await (const message of stream) received += message.text.length > 0 ? 1 : 0;
    expect(received).toBe(300);
  });

  it('holds an upload back while the handler is slow', async () => {
    const chunk = 'x'.repeat(256 * 1024);
    let produced = 0;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    echo = await startEcho({
      collect: clientStream(async (requests: AsyncIterable<Echo>): Promise<Echo> => {
        let received = 0;
        await held;
        for await (const request of requests) received += request.text.length > 0 ? 1 : 0;
        return { text: String(received) };
      }),
    });
    async function* source(): AsyncGenerator<Echo> {
      while (produced < 300) {
        produced++;
        yield { text: chunk };
      }
    }
    const answer = echo.client.upload('collect', source());
    let before = -1;
    for (let rounds = 0; rounds < 200 && before !== produced; rounds++) {
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(produced).toBeLessThan(100);
    release();
    expect(await answer).toEqual({ text: '300' });
  });
});
