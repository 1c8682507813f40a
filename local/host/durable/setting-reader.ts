import { isRecord } from './json.ts';

/** Reads values of one object in host.json; what it cannot read it says once and replaces. */
export interface SettingReader {
  /** As it stands there; undefined when it is not. */
  raw(name: string): unknown;
  text(name: string, otherwise: string): string;
  /** A whole number from 1. */
  count(name: string, otherwise: number): number;
  flag(name: string, otherwise: boolean): boolean;
  /** One of several names, in any case or as its number, as .NET reads an enumeration. */
  choice<const T extends string>(name: string, names: readonly T[], otherwise: T): T;
  /** An object within; without any, one that says nothing. */
  section(name: string): SettingReader;
}

/**
 * Names are compared without case and numbers and flags may be text, as .NET's configuration does
 * (app settings are nothing but text).
 * @param path where the object stands, for messages
 * @param warn is told of a value that makes no sense, as one line
 */
export function makeSettingReader(
  settings: Readonly<Record<string, unknown>>,
  path: string,
  warn: (message: string) => void,
): SettingReader {
  const raw = (name: string): unknown => {
    const key = Object.keys(settings).find((one) => one.toLowerCase() === name.toLowerCase());
    return key === undefined ? undefined : (settings[key] ?? undefined);
  };

  function read<T>(
    name: string,
    otherwise: T,
    wanted: string,
    convert: (value: unknown) => T | undefined,
  ): T {
    const value = raw(name);
    if (value === undefined) return otherwise;
    const converted = convert(value);
    if (converted !== undefined) return converted;
    warn(
      `host.json: "${path}.${name}" must be ${wanted}; ${JSON.stringify(otherwise)} is used instead.`,
    );
    return otherwise;
  }

  return {
    raw,
    text: (name, otherwise) =>
      read(name, otherwise, 'text', (value) => (typeof value === 'string' ? value : undefined)),
    count: (name, otherwise) => read(name, otherwise, 'a whole number from 1', toCount),
    flag: (name, otherwise) => read(name, otherwise, 'true or false', toFlag),
    choice: (name, names, otherwise) =>
      read(name, otherwise, `one of ${names.join(', ')}`, (value) => {
        const text = String(value).trim().toLowerCase();
        return names.find((one, number) => text === one.toLowerCase() || text === `${number}`);
      }),
    section: (name) =>
      makeSettingReader(
        read(name, {}, 'an object', (value) => (isRecord(value) ? value : undefined)),
        `${path}.${name}`,
        warn,
      ),
  };
}

function toCount(value: unknown): number | undefined {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const count = isNumber ? Number(value) : Number.NaN;
  return Number.isSafeInteger(count) && count >= 1 ? count : undefined;
}

function toFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}
