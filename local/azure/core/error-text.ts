/**
 * What an error says. Read by its shape: `instanceof Error` does not hold for errors of the
 * platform where code runs in a context of its own, as under a test runner.
 */

/** The `code` of an error of the platform, e.g. `EADDRINUSE`. */
export function errorCode(error: unknown): string | undefined {
  const code = property(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** The message of an error; the text of anything else. */
export function errorText(error: unknown): string {
  const message = property(error, 'message');
  return typeof message === 'string' ? message : String(error);
}

/** Where an error came from, with its message. */
export function errorStack(error: unknown): string {
  const stack = property(error, 'stack');
  return typeof stack === 'string' ? stack : errorText(error);
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
