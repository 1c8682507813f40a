/** Functions as the host's index would give them, for tests of single parts. */
import type { EventGridFunction, HttpFunction } from '../../../local/host/function-index.ts';
import type { Binding, RegisteredFunction } from '../../../local/host/worker/registry.ts';

export function registered(
  name: string,
  bindings: Readonly<Record<string, Binding>> = {},
): RegisteredFunction {
  return { name, bindings, callback: () => undefined };
}

export function httpFunction(
  fn: { name: string } & Partial<
    Pick<HttpFunction, 'route' | 'methods' | 'authLevel' | 'disabled'>
  >,
): HttpFunction {
  return {
    kind: 'httpTrigger',
    registered: registered(fn.name),
    triggerName: 'request',
    route: fn.name,
    methods: ['GET', 'POST'],
    authLevel: 'anonymous',
    disabled: false,
    ...fn,
  };
}

export function eventGridFunction(name: string): EventGridFunction {
  return {
    kind: 'eventGridTrigger',
    name,
    registered: registered(name),
    triggerName: 'event',
    disabled: false,
  };
}
