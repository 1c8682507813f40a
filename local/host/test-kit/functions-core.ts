/**
 * Stands in for `@azure/functions-core`, the module that only a Functions host provides, so that
 * `df.app.orchestration` and its like can be used in tests (jest maps the module here). It keeps
 * what was registered and does nothing else.
 */
export interface RegisteredFunction {
  readonly bindings: Readonly<Record<string, { readonly type?: string }>>;
  readonly callback: (...args: unknown[]) => unknown;
}

/** What has been registered so far, by function name; a later one replaces an earlier one. */
export const registeredFunctions = new Map<string, RegisteredFunction>();

export const version = '3.0.0';
export const hostVersion = '4.0.0';

export function registerFunction(
  metadata: { readonly name: string; readonly bindings: RegisteredFunction['bindings'] },
  callback: RegisteredFunction['callback'],
): Disposable {
  registeredFunctions.set(metadata.name, { bindings: metadata.bindings, callback });
  return new Disposable();
}

export function registerHook(): Disposable {
  return new Disposable();
}

export function setProgrammingModel(): void {
  // Invocations do not go through the programming model here.
}

export function getProgrammingModel(): undefined {
  return undefined;
}

export class Disposable {
  dispose(): void {
    // Nothing is held.
  }
}
