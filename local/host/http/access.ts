import { queryValue } from './query.ts';
import type { AuthLevel } from '../function-index.ts';
import { opens, type HostKeys } from '../keys.ts';
import type { OutsideRequest } from './outside-request.ts';

/** Who may call what, by key: header `x-functions-key` or query `code`. */
export interface Access {
  /** Whether an HTTP function of this level may be called. */
  function(request: OutsideRequest, level: AuthLevel): boolean;
  /** Whether an extension's webhook may be called. */
  webhook(request: OutsideRequest, extension: 'eventGrid' | 'durable'): boolean;
  admin(request: OutsideRequest): boolean;
}

/**
 * Azure's rules (https://learn.microsoft.com/azure/azure-functions/function-keys-how-to): the
 * master key opens everything, a system key its own extension.
 * @param waived HTTP functions need no key, as in Core Tools; webhooks and `/admin` always do
 */
export function makeAccess(keys: HostKeys, waived: boolean): Access {
  const holds = (request: OutsideRequest, accepted: readonly string[]): boolean =>
    opens(request.headers['x-functions-key'] ?? queryValue(request.url, 'code'), accepted);
  return {
    function: (request, level) =>
      waived ||
      level === 'anonymous' ||
      holds(request, level === 'admin' ? [keys.master] : [keys.functionDefault, keys.master]),
    webhook: (request, extension) => holds(request, [keys[extension], keys.master]),
    admin: (request) => holds(request, [keys.master]),
  };
}
