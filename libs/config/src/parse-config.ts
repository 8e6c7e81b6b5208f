import { AvdError } from '@avd/domain';
import { z } from 'zod';
import type { Fields, SettingsOfFields, SettingsSchema } from './settings-schema.js';
import { unknownVariables } from './unknown-variables.js';

export type Env = Readonly<Record<string, string | undefined>>;

export interface ParsedConfig<T> {
  /** Frozen. */
  readonly settings: T;
  /** One sentence for each AVD_ variable that nothing reads. */
  readonly warnings: readonly string[];
}

/**
 * Reads the settings of a program from the environment. An empty variable counts as missing.
 *
 * @throws AvdError invalidInput BAD_CONFIGURATION with every problem, one line each; `details` has variable -> problem
 */
export function parseConfig<F extends Fields>(
  schema: SettingsSchema<F>,
  env: Env,
): ParsedConfig<SettingsOfFields<F>> {
  const { fields, checks } = schema;
  const names = Object.keys(fields);
  const shape = Object.fromEntries(names.map((name) => [name, fields[name]!.schema]));
  const texts = Object.fromEntries(
    names.map((name) => [name, env[fields[name]!.variable]?.trim() || undefined]),
  );
  const result = z.object(shape).safeParse(texts);
  if (!result.success) {
    const problems = result.error.issues.map(({ path: [name], message }): [string, string] => [
      fields[String(name)]!.variable,
      message,
    ]);
    throw badConfiguration(problems);
  }
  const settings = Object.freeze(result.data) as SettingsOfFields<F>;
  const broken = checks.flatMap((check): [string, string][] => {
    const found = check(settings);
    return found === undefined ? [] : [[fields[found.property]!.variable, found.problem]];
  });
  if (broken.length > 0) throw badConfiguration(broken);
  return { settings, warnings: unknownVariables(fields, env) };
}

function badConfiguration(problems: readonly [variable: string, problem: string][]): AvdError {
  const lines = problems.map(([variable, problem]) => `${variable} ${problem}.`);
  const head = lines.length === 1 ? 'One setting is wrong:' : `${lines.length} settings are wrong:`;
  return new AvdError('invalidInput', 'BAD_CONFIGURATION', [head, ...lines].join('\n'), {
    details: Object.fromEntries(problems),
  });
}
