/** What an expression comes to. */
export type Value =
  string | number | boolean | null | Late | Handle | Lambda | readonly Value[] | ValueRecord;

/** An object of the language. */
export interface ValueRecord {
  readonly [key: string]: Value;
}

export type Lambda = (...args: Value[]) => Value;

/**
 * A value that Azure knows only while it deploys: a property of a resource, an output of a module.
 * Bicep refuses it where a value must be known at the start: in names, conditions, loops, scopes.
 */
export class Late {
  readonly value: Value;
  /** Set where nobody here knows the value; it then reads `<path>`. */
  readonly path: string | undefined;
  constructor(value: Value, path?: string) {
    this.value = value;
    this.path = path;
  }

  /** What only Azure knows: `<app.properties.defaultHostName>`. */
  static unknown(path: string): Late {
    return new Late(`<${path}>`, path);
  }
}

/** A resource, a module or a scope: something that is asked for its members by name. */
export abstract class Handle {
  abstract member(name: string): Value;
}

/** The same without the mark, at any depth. */
export function settle(value: Value): Value {
  if (value instanceof Late) return settle(value.value);
  if (Array.isArray(value)) return value.map(settle);
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, settle(part)]));
  }
  return value;
}

/** Whether anything in it is known only while Azure deploys. */
export function isLate(value: Value): boolean {
  if (value instanceof Late) return true;
  if (Array.isArray(value)) return value.some(isLate);
  return isRecord(value) && Object.values(value).some(isLate);
}

/** An object of the language, not an array, null or a late value. */
export function isRecord(value: Value | undefined): value is ValueRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Late) &&
    !(value instanceof Handle)
  );
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}
