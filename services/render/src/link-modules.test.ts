import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { linkModules, type ModuleSource } from './link-modules.js';

function sourceOf(files: Readonly<Record<string, string>>): ModuleSource {
  return {
    resolve: (specifier) => specifier.replace(/^\.\//, ''),
    read: (name) => files[name]!,
  };
}

/** What a linked script leaves in `out`. */
function run(files: Readonly<Record<string, string>>): unknown[] {
  const out: unknown[] = [];
  const script = linkModules('main.js', sourceOf(files));
  runInNewContext(script, { out });
  return out;
}

describe('linkModules', () => {
  it('runs each module once, after the modules it imports', () => {
    const files = {
      'main.js': `import { a } from './a.js';\nimport {\n    b as bee,\n    C,\n} from './b.js';\nout.push('main', a, bee(), new C().x);`,
      'a.js': `import { b } from './b.js';\nout.push('a');\nexport const a = b() + 1;`,
      'b.js': `out.push('b');\nexport function b() { return 1; }\nexport class C { x = 5; }`,
    };
    expect(run(files)).toEqual(['b', 'a', 'main', 2, 1, 5]);
  });

  it('passes names on: lists, renamed ones and all of a module', () => {
    const files = {
      'main.js': `import { x, why, z } from './index.js';\nout.push(x, why, z);`,
      'index.js': `export * from './x.js';\nexport { y as why } from './y.js';\nconst z = 3;\nexport { z };`,
      'x.js': 'export const x = 1;',
      'y.js': 'export const y = 2;\n//# sourceMappingURL=y.js.map',
    };
    expect(run(files)).toEqual([1, 2, 3]);
  });

  it('keeps the names of modules apart', () => {
    const files = {
      'main.js': `import { a } from './a.js';\nconst own = 2;\nout.push(own, a);`,
      'a.js': 'const own = 1;\nexport const a = own;',
    };
    expect(run(files)).toEqual([2, 1]);
  });

  it('refuses what it does not understand', () => {
    const link = (text: string) => () => linkModules('main.js', sourceOf({ 'main.js': text }));
    expect(link("import fs from 'node:fs';")).toThrow(/cannot be built/);
    expect(link('export default 3;')).toThrow(/cannot be built/);
    expect(link("import { x } from './main.js';\nexport const x = 1;")).toThrow(/itself/);
  });
});
