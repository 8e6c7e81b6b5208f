import type { Setting } from './fields/setting.js';
import type { Fields, SettingsOfFields, SettingsSchema } from './settings-schema.js';

const REDACTED = '[redacted]';

/**
 * The settings as texts by variable, for logs: secrets and passwords in URLs are hidden, optional ones that are
 * not set are left out.
 */
export function redactConfig<F extends Fields>(
  schema: SettingsSchema<F>,
  settings: SettingsOfFields<F>,
): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, field] of Object.entries<Setting<unknown>>(schema.fields)) {
    const value = settings[name];
    if (value === undefined) continue;
    shown[field.variable] = field.secret ? REDACTED : field.format(value);
  }
  return shown;
}

/**
 * A table of all variables, one a line: name, default (or with `settings` the value now), unit, meaning.
 * For `--help` and `--print-config`.
 */
export function describeConfig<F extends Fields>(
  schema: SettingsSchema<F>,
  settings?: SettingsOfFields<F>,
): string {
  const values = settings && redactConfig(schema, settings);
  const rows = Object.values<Setting<unknown>>(schema.fields).map((field) => [
    field.variable,
    values === undefined ? defaultOf(field) : (values[field.variable] ?? '(not set)'),
    field.unit,
    field.description,
  ]);
  const table = [['VARIABLE', settings ? 'VALUE' : 'DEFAULT', 'UNIT', 'MEANING'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function defaultOf({ defaultText, schema }: Setting<unknown>): string {
  if (defaultText !== undefined) return defaultText === '' ? '(empty)' : defaultText;
  return schema.safeParse(undefined).success ? '(not set)' : '(required)';
}
