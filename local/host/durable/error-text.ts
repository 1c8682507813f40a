/**
 * An error's message, or whatever was thrown as text. It looks at the shape, since an app may run
 * in a realm whose `Error` is another one.
 */
export function messageOf(error: unknown): string {
  const message = property(error, 'message');
  return typeof message === 'string' ? message : String(error);
}

export function stackOf(error: unknown): string | null {
  const stack = property(error, 'stack');
  return typeof stack === 'string' ? stack : null;
}

export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
