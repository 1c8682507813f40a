/** The kinds of settings that most parts of this world declare. */
import { z } from 'zod';
import type { Settings } from '../service.ts';

export interface SettingKinds {
  /** One of some words; the first is the default. */
  readonly choice: <T extends string>(
    name: string,
    options: readonly [T, ...T[]],
    about: string,
  ) => () => T;
  /** A number of seconds, a week at most. */
  readonly seconds: (name: string, standard: number, about: string) => () => number;
  readonly flag: (name: string, standard: boolean, about: string) => () => boolean;
}

export function makeSettingKinds(settings: Settings): SettingKinds {
  return {
    choice: <T extends string>(name: string, options: readonly [T, ...T[]], about: string) =>
      settings.define<T>(name, {
        default: options[0],
        about: `${about} (${options.join(' | ')})`,
        parse: (value) => parse(z.enum(options), value),
      }),
    seconds: (name, standard, about) =>
      settings.define(name, {
        default: standard,
        about,
        parse: (value) => parse(z.number().min(0).max(604_800), value),
      }),
    flag: (name, standard, about) =>
      settings.define(name, {
        default: standard,
        about,
        parse: (value) => parse(z.boolean(), value),
      }),
  };
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues[0]?.message ?? 'not acceptable');
}
