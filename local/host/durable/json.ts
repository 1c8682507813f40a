/** Narrowing of values that came out of `JSON.parse`, without trusting them. */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** Parses JSON text; undefined when it is none. */
export function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text as it stands in a status answer: JSON becomes its value, anything else stays text. */
export function fromStoredText(text: string | null): unknown {
  if (text === null) return null;
  const parsed = tryParse(text);
  return parsed === undefined ? text : parsed.value;
}

export function stringOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
