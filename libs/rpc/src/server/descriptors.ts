import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';

/** What reflection can be asked. Every answer of files starts with the file itself; all it needs follows. */
export interface Descriptors {
  filesOf(fileName: string): readonly Uint8Array[] | undefined;
  filesDeclaring(symbol: string): readonly Uint8Array[] | undefined;
  filesDeclaringExtension(
    typeName: string,
    extensionNumber: number,
  ): readonly Uint8Array[] | undefined;
  /** Ascending; undefined for an unknown message. */
  extensionNumbersOf(typeName: string): readonly number[] | undefined;
}

/** Index of the files in some FileDescriptorSets; of two files with one name the first counts. */
export function indexDescriptors(images: readonly Uint8Array[]): Descriptors {
  const files = new Map<string, FileDescriptorProto>();
  const fileOfSymbol = new Map<string, string>();
  const fileOfExtension = new Map<string, Map<number, string>>();
  const messages = new Set<string>();

  for (const image of images) {
    for (const file of fromBinary(FileDescriptorSetSchema, image).file) {
      if (!files.has(file.name)) {
        files.set(file.name, file);
        indexFile(file);
      }
    }
  }

  function indexFile(file: FileDescriptorProto): void {
    const declare = (symbol: string): void => void fileOfSymbol.set(symbol, file.name);
    const addEnum = (parent: string, type: EnumDescriptorProto): void => {
      declare(join(parent, type.name));
      // Values are siblings of their enum, as in C++.
      for (const value of type.value) {
        declare(join(parent, value.name));
        // Clients ask for them below the enum as well.
        declare(join(join(parent, type.name), value.name));
      }
    };
    const addExtension = (parent: string, extension: FieldDescriptorProto): void => {
      declare(join(parent, extension.name));
      const typeName = withoutDot(extension.extendee);
      const numbers = fileOfExtension.get(typeName) ?? new Map<number, string>();
      fileOfExtension.set(typeName, numbers.set(extension.number, file.name));
    };
    const addMessage = (parent: string, type: DescriptorProto): void => {
      const name = join(parent, type.name);
      messages.add(name);
      declare(name);
      for (const field of type.field) declare(join(name, field.name));
      for (const oneof of type.oneofDecl) declare(join(name, oneof.name));
      for (const nested of type.nestedType) addMessage(name, nested);
      for (const nested of type.enumType) addEnum(name, nested);
      for (const extension of type.extension) addExtension(name, extension);
    };
    for (const type of file.messageType) addMessage(file.package, type);
    for (const type of file.enumType) addEnum(file.package, type);
    for (const extension of file.extension) addExtension(file.package, extension);
    for (const service of file.service) {
      const name = join(file.package, service.name);
      declare(name);
      for (const method of service.method) declare(join(name, method.name));
    }
  }

  function filesOf(fileName: string): readonly Uint8Array[] | undefined {
    if (!files.has(fileName)) return undefined;
    const names = new Set([fileName]);
    // A Set's iteration also visits what is added on the way.
    for (const name of names) {
      for (const dependency of files.get(name)?.dependency ?? []) names.add(dependency);
    }
    return [...names].flatMap((name) => {
      const file = files.get(name);
      return file === undefined ? [] : [toBinary(FileDescriptorProtoSchema, file)];
    });
  }

  const filesOfOptional = (fileName: string | undefined): readonly Uint8Array[] | undefined =>
    fileName === undefined ? undefined : filesOf(fileName);

  return {
    filesOf,
    filesDeclaring: (symbol) => filesOfOptional(fileOfSymbol.get(withoutDot(symbol))),
    filesDeclaringExtension: (typeName, extensionNumber) =>
      filesOfOptional(fileOfExtension.get(withoutDot(typeName))?.get(extensionNumber)),
    extensionNumbersOf: (typeName) => {
      const name = withoutDot(typeName);
      const numbers = fileOfExtension.get(name);
      if (numbers === undefined && !messages.has(name)) return undefined;
      return [...(numbers?.keys() ?? [])].sort((a, b) => a - b);
    },
  };
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function withoutDot(name: string): string {
  return name.startsWith('.') ? name.slice(1) : name;
}
