import type { Setting } from './fields/setting.js';

/** Property name -> variable. */
export type Fields = Readonly<Record<string, Setting<unknown>>>;

export type SettingsOfFields<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Setting<infer T> ? T : never;
};

/** A rule over several settings: says what is wrong with which property, or undefined. */
export type Check<F extends Fields> = (
  settings: SettingsOfFields<F>,
) => { readonly property: keyof F & string; readonly problem: string } | undefined;

/** All variables of a program. */
export interface SettingsSchema<F extends Fields = Fields> {
  readonly fields: F;
  readonly checks: readonly Check<F>[];
}

/** The values of a schema. */
export type Settings<S> = S extends SettingsSchema<infer F> ? SettingsOfFields<F> : never;

/**
 * The variables of a program.
 *
 * @param checks rules over several settings; they run when every single one could be read
 */
export function defineSettings<const F extends Fields>(
  fields: F,
  checks: readonly Check<F>[] = [],
): SettingsSchema<F> {
  return { fields, checks };
}

/** A schema with more variables (a property of the same name replaces the old one). */
export function extendSettings<A extends Fields, const B extends Fields>(
  base: SettingsSchema<A>,
  fields: B,
  checks: readonly Check<A & B>[] = [],
): SettingsSchema<A & B> {
  const baseChecks = base.checks as readonly Check<Fields>[] as readonly Check<A & B>[];
  return { fields: { ...base.fields, ...fields }, checks: [...baseChecks, ...checks] };
}
