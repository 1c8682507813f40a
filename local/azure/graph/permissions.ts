/**
 * Application permissions for Microsoft Graph. In Entra an administrator consents to them and they
 * are in the caller's token; here they are looked up when a request comes, so that granting one
 * needs no new token. Source: Microsoft Graph permissions reference.
 */
import { z } from 'zod';
import { parseBody } from '../core/parse-body.ts';
import { AzureFault, type ControlRoute, type Principal, type Store } from '../service.ts';
import type { Principals } from '../resource-manager/principals.ts';
import type { Application } from './applications.ts';
import { requestDenied, unauthenticated } from './faults.ts';
import type { GraphSettings } from './graph-settings.ts';

const PERMISSIONS = [
  'Application.Read.All',
  'Application.ReadWrite.OwnedBy',
  'Application.ReadWrite.All',
] as const;
export type GraphPermission = (typeof PERMISSIONS)[number];

const grantSchema = z.strictObject({ permissions: z.array(z.enum(PERMISSIONS)) });
const COLLECTION = 'graph.permissions';
/** What a token for Microsoft Graph may name as its audience: the address or the app id. */
const AUDIENCES = ['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000'];

/** What the caller of one request may do; each thrown as 403 `Authorization_RequestDenied`. */
export interface Caller {
  /** Object id; undefined for an operator. */
  readonly objectId: string | undefined;
  requireRead(application: Application): void;
  requireWrite(application: Application): void;
  /** Making applications, and for a list which of them are shown. */
  requireCreate(): void;
  mayRead(application: Application): boolean;
}

export interface Permissions {
  /** Thrown without a token, or with one for something else: 401. */
  callerOf(principal: Principal | undefined): Caller;
}

export function makePermissions(
  store: Store,
  settings: Pick<GraphSettings, 'ownedByReads'>,
): Permissions {
  return {
    callerOf(principal) {
      if (principal === undefined) throw unauthenticated('empty');
      if (principal.kind === 'operator') return OPERATOR;
      const { audience, objectId } = principal;
      if (audience !== undefined && !AUDIENCES.includes(audience.replace(/\/$/, ''))) {
        throw unauthenticated('audience');
      }
      const granted = readGranted(store, objectId);
      const has = (...any: GraphPermission[]): boolean => any.some((one) => granted.includes(one));
      const owns = ({ owners }: Application): boolean => owners.includes(objectId.toLowerCase());
      const mayRead = (application: Application): boolean =>
        has('Application.Read.All', 'Application.ReadWrite.All') ||
        (has('Application.ReadWrite.OwnedBy') &&
          // A caller with OwnedBy alone listed every application (techcommunity.microsoft.com,
          // 2243298), which the permissions reference does not lead to expect.
          (settings.ownedByReads() === 'all' || owns(application)));
      const require = (allowed: boolean): void => {
        if (!allowed) throw requestDenied();
      };
      return {
        objectId,
        mayRead,
        requireRead: (application) => require(mayRead(application)),
        requireWrite: (application) =>
          require(
            has('Application.ReadWrite.All') ||
              (has('Application.ReadWrite.OwnedBy') && owns(application)),
          ),
        requireCreate: () =>
          require(has('Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy')),
      };
    },
  };
}

const OPERATOR: Caller = {
  objectId: undefined,
  mayRead: () => true,
  requireRead: () => undefined,
  requireWrite: () => undefined,
  requireCreate: () => undefined,
};

function readGranted(store: Store, objectId: string): readonly GraphPermission[] {
  const stored = store.get<{ permissions: GraphPermission[] }>(COLLECTION, objectId.toLowerCase());
  return stored?.permissions ?? [];
}

/** Granting, which in Entra is an administrator's consent. */
export function permissionControl(store: Store, principals: Principals): ControlRoute[] {
  const find = (id: string): string => {
    const principal = principals.byObjectId(id) ?? principals.byClientId(id);
    if (principal !== undefined) return principal.objectId;
    throw new AzureFault(404, 'NotFound', `There is no service principal '${id}'.`);
  };
  return [
    {
      method: 'GET',
      path: '/graph/permissions/{id}',
      summary: 'the application permissions for Microsoft Graph of a service principal',
      handle: (_request, { id = '' }) => ({
        status: 200,
        body: { permissions: readGranted(store, find(id)) },
      }),
    },
    {
      method: 'PUT',
      path: '/graph/permissions/{id}',
      summary: `grants them, by object id or client id: {"permissions": [${PERMISSIONS.map((one) => `"${one}"`).join(', ')}]}`,
      handle(request, { id = '' }) {
        const granted = parseBody(request, grantSchema);
        store.put(COLLECTION, find(id).toLowerCase(), granted);
        return { status: 200, body: granted };
      },
    },
  ];
}
