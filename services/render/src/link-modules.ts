import { AvdError } from '@avd/domain';

/** Where modules come from. */
export interface ModuleSource {
  /** Identity of a module from the identity of its importer and the words in its import. */
  resolve(specifier: string, importer: string): string;
  /** Text of a module as the TypeScript compiler writes it. */
  read(moduleId: string): string;
}

const IMPORT = /^import\s*\{([^}]*)\}\s*from\s*['"]([^'"]+)['"];?$/gm;
const EXPORT_FROM = /^export\s*\{([^}]*)\}\s*from\s*['"]([^'"]+)['"];?$/gm;
const EXPORT_ALL = /^export\s*\*\s*from\s*['"]([^'"]+)['"];?$/gm;
const EXPORT_LIST = /^export\s*\{([^}]*)\};?$/gm;
const EXPORT_DECLARATION =
  /^export\s+((?:async\s+)?function\*?|const|class)\s+([A-Za-z_$][\w$]*)/gm;
const LEFT_OVER = /^(import|export)\b.*$/m;

/**
 * Joins ES modules into one script, because a page opened from disk cannot load modules. Every module becomes a
 * function that is called once, in the order of the imports. Only what this project's compiled code uses is
 * understood: named imports and exports of things that are never reassigned.
 *
 * @throws AvdError internal CANNOT_LINK for other forms and for modules that import each other
 */
export function linkModules(entry: string, source: ModuleSource): string {
  const names = new Map<string, string>();
  const open = new Set<string>();
  const parts: string[] = [];

  const visit = (moduleId: string): string => {
    const known = names.get(moduleId);
    if (known !== undefined) return known;
    if (open.has(moduleId)) throw cannotLink(`${moduleId} imports itself by a detour`);
    open.add(moduleId);
    const dependency = (specifier: string): string => visit(source.resolve(specifier, moduleId));
    const exported: string[] = [];
    const body = source
      .read(moduleId)
      .replaceAll('\r\n', '\n')
      .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
      .replace(
        IMPORT,
        (_, list: string, from: string) => `const {${pairs(list, ': ')}} = ${dependency(from)};`,
      )
      .replace(EXPORT_ALL, (_, from: string) => {
        exported.push(`...${dependency(from)}`);
        return '';
      })
      .replace(EXPORT_FROM, (_, list: string, from: string) => {
        const name = dependency(from);
        for (const [local, outer] of entries(list)) exported.push(`${outer}: ${name}.${local}`);
        return '';
      })
      .replace(EXPORT_LIST, (_, list: string) => {
        for (const [local, outer] of entries(list)) exported.push(`${outer}: ${local}`);
        return '';
      })
      .replace(EXPORT_DECLARATION, (_, kind: string, name: string) => {
        exported.push(name);
        return `${kind} ${name}`;
      })
      .trim();
    const leftOver = LEFT_OVER.exec(body);
    if (leftOver !== null) throw cannotLink(`${moduleId} has "${leftOver[0]}"`);
    const name = `module${names.size}`;
    names.set(moduleId, name);
    parts.push(`const ${name} = (() => {\n${body}\nreturn { ${exported.join(', ')} };\n})();\n`);
    return name;
  };
  visit(entry);
  return `'use strict';\n(() => {\n${parts.join('')}})();\n`;
}

/** `a, b as c` as [['a', 'a'], ['b', 'c']]. */
function entries(list: string): [string, string][] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      const [local = '', outer = local] = item.split(/\s+as\s+/);
      return [local, outer];
    });
}

function pairs(list: string, separator: string): string {
  return entries(list)
    .map(([local, outer]) => (local === outer ? local : `${local}${separator}${outer}`))
    .join(', ');
}

function cannotLink(what: string): AvdError {
  return new AvdError(
    'internal',
    'CANNOT_LINK',
    `The script of the page cannot be built: ${what}.`,
  );
}
