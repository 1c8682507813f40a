/**
 * What was decided about whom, for those who want to know which rights something really needs:
 * each question once, with how often it was asked; in memory.
 */
import type { ControlRoute } from '../../service.ts';
import { readPath } from '../resource-id.ts';

export interface Decided {
  /** Object id of the identity that asked. */
  readonly principalId: string;
  readonly plane: 'action' | 'dataAction' | 'accessPolicy';
  /** An action, a data action, or e.g. `certificates/get` of an access policy. */
  readonly operation: string;
  /** What the question was about: a type such as `Microsoft.KeyVault/vaults`, or a container of such. */
  readonly scope: string;
  readonly allowed: boolean;
}

export interface Decisions {
  /** @param resourceId ARM id of what is touched */
  add(decided: Omit<Decided, 'scope'>, resourceId: string): void;
  readonly controlRoutes: readonly ControlRoute[];
}

export function makeDecisions(): Decisions {
  const counted = new Map<string, { readonly decided: Decided; times: number }>();
  const show = () => ({
    status: 200,
    body: {
      decisions: [...counted.values()].map(({ decided, times }) => ({ ...decided, times })),
    },
  });
  return {
    add(decided, resourceId) {
      const whole = { ...decided, scope: scopeKind(resourceId) };
      const { principalId, plane, operation, scope, allowed } = whole;
      const key = [principalId, plane, operation, scope, allowed].join(' ').toLowerCase();
      const known = counted.get(key);
      if (known === undefined) {
        counted.set(key, { decided: whole, times: 1 });
      } else {
        known.times += 1;
      }
    },
    controlRoutes: [
      {
        method: 'GET',
        path: '/decisions',
        summary: 'which identity asked for which action where, and whether it was allowed',
        handle: show,
      },
      {
        method: 'DELETE',
        path: '/decisions',
        summary: 'forgets them',
        handle() {
          counted.clear();
          return { status: 204 };
        },
      },
    ],
  };
}

/** The type of the outermost resource in an id, to which roles are assigned. */
function scopeKind(resourceId: string): string {
  const segments = resourceId.split('/').filter((segment) => segment !== '');
  const at = segments.findIndex((segment) => segment.toLowerCase() === 'providers');
  const outermost = at < 0 ? segments : segments.slice(0, at + 4);
  const { namespace, types, resourceGroup, subscriptionId } = readPath(outermost);
  // `{scope}/providers/Microsoft.Authorization/…` of a group or a subscription is about that.
  if (namespace !== undefined && namespace.toLowerCase() !== 'microsoft.authorization') {
    return [namespace, ...types].join('/');
  }
  if (resourceGroup !== undefined) return 'resourceGroup';
  return subscriptionId === undefined ? 'tenant' : 'subscription';
}
