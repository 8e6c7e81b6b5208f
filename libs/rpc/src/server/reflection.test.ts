import { createFileRegistry, create } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEcho, type EchoPair } from '../testing/echo-server.js';
import {
  askExtension,
  askExtensionNumbers,
  askFile,
  askServices,
  askSymbol,
  openReflection,
  type ReflectionClient,
} from '../testing/reflection-client.js';

const SERVICES = [
  'avd.test.v1.EchoService',
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

describe.each(['v1', 'v1alpha'] as const)('reflection %s', (version) => {
  let echo: EchoPair;
  let reflection: ReflectionClient;
  beforeEach(async () => {
    echo = await startEcho();
    reflection = openReflection(echo.client.address, version);
  });
  afterEach(async () => {
    reflection.close();
    await echo.close();
  });
  const names = async (fill: Parameters<ReflectionClient['ask']>[0]): Promise<string[]> =>
    (await reflection.ask(fill)).files.map(({ name }) => name);

  it('lists every service, its own too', async () => {
    expect((await reflection.ask(askServices)).services).toEqual(SERVICES);
  });

  it.each(SERVICES)(
    'describes %s to a client that asks for each dependency by name',
    async (name) => {
      const [first] = (await reflection.ask(askSymbol(name))).files;
      const known = new Map<string, FileDescriptorProto>();
      const resolve = async (file: FileDescriptorProto | undefined): Promise<void> => {
        if (file === undefined || known.has(file.name)) return;
        for (const dependency of file.dependency) {
          await resolve((await reflection.ask(askFile(dependency))).files[0]);
        }
        known.set(file.name, file);
      };
      await resolve(first);
      // The registry throws where a type cannot be resolved.
      const registry = createFileRegistry(
        create(FileDescriptorSetSchema, { file: [...known.values()] }),
      );
      expect(registry.getService(name)?.methods.length).toBeGreaterThan(0);
    },
  );

  it('sends a file with everything that it needs', async () => {
    expect(await names(askFile('avd/test/v1/echo_service.proto'))).toEqual([
      'avd/test/v1/echo_service.proto',
      'avd/test/v1/echo.proto',
      'google/protobuf/timestamp.proto',
      'avd/test/v1/options.proto',
    ]);
  });

  it.each([
    ['a service', 'avd.test.v1.EchoService', 'echo_service.proto'],
    ['a method', 'avd.test.v1.EchoService.Say', 'echo_service.proto'],
    ['a message', 'avd.test.v1.Echo', 'echo.proto'],
    ['a name with a leading dot', '.avd.test.v1.Echo', 'echo.proto'],
    ['a nested message', 'avd.test.v1.Echo.Inner', 'echo.proto'],
    ['a field', 'avd.test.v1.Echo.text', 'echo.proto'],
    ['an enum', 'avd.test.v1.Mood', 'echo.proto'],
    ['an enum value', 'avd.test.v1.MOOD_UNSPECIFIED', 'echo.proto'],
    ['an extension', 'avd.test.v1.colour', 'options.proto'],
  ])('finds the file of %s', async (_, symbol, fileName) => {
    expect((await names(askSymbol(symbol)))[0]).toBe(`avd/test/v1/${fileName}`);
  });

  it('finds extensions by number', async () => {
    expect(await names(askExtension('avd.test.v1.Base', 101))).toEqual([
      'avd/test/v1/options.proto',
    ]);
    const numbers = await reflection.ask(askExtensionNumbers('avd.test.v1.Base'));
    expect(numbers.extensionNumbers).toEqual([101]);
    const none = await reflection.ask(askExtensionNumbers('avd.test.v1.Echo'));
    expect([none.extensionNumbers, none.error]).toEqual([[], undefined]);
  });

  it('answers what it does not know with an error, and goes on', async () => {
    for (const ask of [
      askFile('no/such.proto'),
      askSymbol('no.such.Symbol'),
      askExtension('avd.test.v1.Base', 199),
      askExtensionNumbers('no.such.Message'),
    ]) {
      expect((await reflection.ask(ask)).error?.code).toBe(status.NOT_FOUND);
    }
    expect((await reflection.ask(() => undefined)).error?.code).toBe(status.INVALID_ARGUMENT);
    expect((await reflection.ask(askServices)).services).toEqual(SERVICES);
  });

  it('does not hold a stop of the server up', async () => {
    await reflection.ask(askServices);
    const startMs = performance.now();
    await echo.server.shutdown(60_000);
    expect(performance.now() - startMs).toBeLessThan(30_000);
  });
});
