/** Reads what the app answers. Answers may grow, so only what is shown is looked at. */

/** Something that is wrong, in words. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly cure?: string;
  /** The fields of a form that are at fault. */
  readonly fields: readonly { readonly field: string; readonly message: string }[];
}

export function textIn(value: unknown, name: string): string | undefined {
  const found = valueIn(value, name);
  return typeof found === 'string' ? found : undefined;
}

export function listIn(value: unknown, name: string): readonly unknown[] {
  const found = valueIn(value, name);
  return Array.isArray(found) ? found : [];
}

export function valueIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Problem details, or what an operation says is in the way. */
export function troubleIn(value: unknown, fallback: string): Trouble {
  const cure = textIn(value, 'cure');
  return {
    code: textIn(value, 'code') ?? '',
    message: textIn(value, 'detail') ?? textIn(value, 'message') ?? fallback,
    ...(cure === undefined ? {} : { cure }),
    fields: listIn(value, 'errors').map((one) => ({
      field: textIn(one, 'field') ?? '',
      message: textIn(one, 'message') ?? '',
    })),
  };
}

/** What an answer without words says by its status. */
export function wordsOfStatus(status: number): string {
  return `Certkeeper answered ${String(status)}.`;
}
