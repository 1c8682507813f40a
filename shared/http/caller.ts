import type { RequestedBy } from '../domain/requested-by.ts';

/** App roles of the Entra application in front, each holding those before it. */
export const ROLES = ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] as const;
export type Role = (typeof ROLES)[number];

/** Who calls. */
export type Caller =
  | {
      readonly kind: 'entra';
      /** Object id of the person or the application. */
      readonly id: string;
      readonly name?: string;
      readonly roles: readonly Role[];
    }
  /** Somebody who holds a function key; nobody knows who. */
  | { readonly kind: 'function-key' };

/**
 * Whether a caller has a role, by itself or within a greater one. A function key stands for
 * `Certkeeper.Upload`: it works within `CERTKEEPER_ALLOW` and reaches nothing that needs a name.
 */
export function hasRole(caller: Caller, role: Role): boolean {
  const held: readonly Role[] = caller.kind === 'entra' ? caller.roles : ['Certkeeper.Upload'];
  return held.some((one) => ROLES.indexOf(one) >= ROLES.indexOf(role));
}

/** Whether a caller may bind beyond `CERTKEEPER_ALLOW`, take over, approve, force and undo. */
export function mayManage(caller: Caller): boolean {
  return hasRole(caller, 'Certkeeper.Manage');
}

/** The caller as history, ledger and log keep them. */
export function toRequestedBy(caller: Caller): RequestedBy {
  if (caller.kind === 'function-key') return { kind: 'function-key' };
  const { id, name } = caller;
  return { kind: 'entra', id, ...(name === undefined ? {} : { name }) };
}
