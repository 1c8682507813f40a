import { queryValue } from './query.ts';
import type { HttpFunction } from '../function-index.ts';
import { opens, type KeyRing } from '../keys.ts';
import type { OutsideRequest } from './outside-request.ts';

/** Who may call what, by key: header `x-functions-key` or query `code`. */
export interface Access {
  /** Whether an HTTP function may be called. */
  function(request: OutsideRequest, fn: Pick<HttpFunction, 'name' | 'authLevel'>): boolean;
  /** Whether an extension's webhook may be called. */
  webhook(request: OutsideRequest, extension: 'eventGrid' | 'durable'): boolean;
  admin(request: OutsideRequest): boolean;
}

/**
 * Azure's rules (https://learn.microsoft.com/azure/azure-functions/function-keys-how-to, and
 * AuthenticationLevelHandler.cs of azure-functions-host: the header counts before the query): the
 * master key opens everything, a host key every function, a function key its own function, a system
 * key its own extension.
 * @param waived HTTP functions need no key, as in Core Tools; webhooks and `/admin` always do
 */
export function makeAccess(keys: KeyRing, waived: boolean): Access {
  const holds = (request: OutsideRequest, accepted: readonly string[]): boolean =>
    opens(presentedKey(request), [keys.own.master, ...accepted]);
  return {
    function: (request, { name, authLevel }) =>
      waived ||
      authLevel === 'anonymous' ||
      holds(request, authLevel === 'admin' ? [] : keys.opening(name)),
    webhook: (request, extension) => holds(request, [keys.own[extension]]),
    admin: (request) => holds(request, []),
  };
}

/** What says why a request was refused, without the key: answers end up in logs. */
export function describeRefusal(request: OutsideRequest): string {
  return (presentedKey(request) ?? '') === ''
    ? 'A key is needed: header x-functions-key or query "code".'
    : 'The key given (header x-functions-key or query "code") does not open this.';
}

function presentedKey(request: OutsideRequest): string | undefined {
  return request.headers['x-functions-key'] ?? queryValue(request.url, 'code');
}
