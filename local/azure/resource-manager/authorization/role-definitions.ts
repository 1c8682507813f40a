/**
 * `Microsoft.Authorization/roleDefinitions`: the built-in roles and custom ones.
 * Source: REST reference, Role Definitions 2022-04-01.
 */
import { z } from 'zod';
import { AzureFault, type Store, type World } from '../../service.ts';
import { matchesFilter, parseFilter, unsupportedFilter } from '../odata-filter.ts';
import { isAtOrAbove } from '../resource-id.ts';
import { created, noContent, ok, readBody, type ArmCall, type ArmRoute } from '../route.ts';
import { builtInRoles } from './built-in-roles.ts';
import type { Permission } from './effective-permission.ts';

export const ROLE_DEFINITION_VERSIONS = [
  '2015-07-01',
  '2018-01-01-preview',
  '2022-04-01',
  '2022-05-01-preview',
];

export interface RoleDefinition {
  /** The GUID. */
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly type: 'BuiltInRole' | 'CustomRole';
  readonly assignableScopes: readonly string[];
  readonly permissions: readonly Permission[];
  readonly createdOn?: string;
  readonly updatedOn?: string;
}

const COLLECTION = 'arm.roleDefinitions';
const PATH = '{scope}/providers/Microsoft.Authorization/roleDefinitions';
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const actions = z.array(z.string().min(1)).default([]);
const bodySchema = z.object({
  properties: z.object({
    roleName: z.string().min(1).max(512),
    description: z.string().max(2048).default(''),
    assignableScopes: z.array(z.string().startsWith('/')).min(1),
    permissions: z
      .array(
        z.object({
          actions,
          notActions: actions,
          dataActions: actions,
          notDataActions: actions,
        }),
      )
      .min(1),
  }),
});

const builtIn: ReadonlyMap<string, RoleDefinition> = new Map(
  builtInRoles.map((role) => [
    role.name,
    { ...role, type: 'BuiltInRole' as const, assignableScopes: ['/'] },
  ]),
);

/** A role by its GUID or by any id that ends in it; built-in or custom. */
export function findRole(store: Store, idOrName: string): RoleDefinition | undefined {
  const name = idOrName.slice(idOrName.lastIndexOf('/') + 1).toLowerCase();
  return builtIn.get(name) ?? store.get<RoleDefinition>(COLLECTION, name);
}

/** The id under which a role is known at a scope: qualified by the subscription, if there is one. */
export function roleDefinitionId(scope: string, name: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? '';
  return `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
}

export function roleDefinitionRoutes(
  { store, clock }: World,
  isAssigned: (roleName: string) => boolean,
): ArmRoute[] {
  const all = (): RoleDefinition[] => [
    ...builtIn.values(),
    ...store.list<RoleDefinition>(COLLECTION).map(({ document }) => document),
  ];

  const get = (call: ArmCall) => {
    const role = findRole(store, call.param('roleDefinitionId'));
    if (role === undefined) {
      throw new AzureFault(
        404,
        'RoleDefinitionDoesNotExist',
        `The specified role definition with ID '${call.param('roleDefinitionId')}' does not exist.`,
      );
    }
    return ok(toWire(role, call.param('scope')));
  };

  const list = (call: ArmCall) => {
    const scope = call.param('scope');
    const text = call.request.query('$filter');
    const filter = text === undefined ? undefined : parseFilter(text);
    const below = text?.toLowerCase().includes('atscopeandbelow') === true;
    const found = all().filter((role) => {
      const inScope =
        role.assignableScopes.some((outer) => isAtOrAbove(outer, scope)) ||
        (below && role.assignableScopes.some((inner) => isAtOrAbove(scope, inner)));
      if (!inScope || filter === undefined) return inScope;
      return matchesFilter(filter, {
        field(name) {
          switch (name.toLowerCase()) {
            case 'rolename':
              return role.roleName;
            case 'type':
              return role.type;
            default:
              throw unsupportedFilter(name);
          }
        },
        call(name) {
          if (name.toLowerCase() !== 'atscopeandbelow') throw unsupportedFilter(`${name}()`);
          return true;
        },
      });
    });
    return ok({ value: found.map((role) => toWire(role, scope)) });
  };

  const put = (call: ArmCall) => {
    const name = call.param('roleDefinitionId').toLowerCase();
    if (!GUID.test(name)) {
      throw new AzureFault(
        400,
        'InvalidRoleDefinitionId',
        `The role definition ID '${name}' is not valid. The role definition ID must be a GUID.`,
      );
    }
    if (builtIn.has(name)) {
      // Assumed: the reference names no code for writing to a built-in role.
      throw new AzureFault(403, 'Forbidden', 'A built-in role cannot be changed.');
    }
    const { properties } = readBody(call, bodySchema);
    const twin = all().find(
      (role) =>
        role.name !== name && role.roleName.toLowerCase() === properties.roleName.toLowerCase(),
    );
    if (twin !== undefined) {
      throw new AzureFault(
        409,
        'RoleDefinitionWithSameNameExists',
        `A custom role with the same name already exists in this directory. Use a different name.`,
      );
    }
    const now = clock.now().toISOString();
    const role: RoleDefinition = {
      name,
      type: 'CustomRole',
      ...properties,
      createdOn: store.get<RoleDefinition>(COLLECTION, name)?.createdOn ?? now,
      updatedOn: now,
    };
    store.put(COLLECTION, name, role);
    return created(toWire(role, call.param('scope')));
  };

  const remove = (call: ArmCall) => {
    const name = call.param('roleDefinitionId').toLowerCase();
    const role = findRole(store, name);
    if (role === undefined) return noContent;
    if (role.type === 'BuiltInRole') {
      throw new AzureFault(403, 'Forbidden', 'A built-in role cannot be deleted.');
    }
    if (isAssigned(name)) {
      throw new AzureFault(
        400,
        'RoleDefinitionHasAssignments',
        'There are existing role assignments referencing role (code: RoleDefinitionHasAssignments).',
      );
    }
    store.delete(COLLECTION, name);
    return ok(toWire(role, call.param('scope')));
  };

  const versions = ROLE_DEFINITION_VERSIONS;
  const path = `${PATH}/{roleDefinitionId}`;
  return [
    { method: 'GET', path: PATH, versions, handle: list },
    { method: 'GET', path, versions, handle: get },
    { method: 'PUT', path, versions, handle: put },
    { method: 'DELETE', path, versions, handle: remove },
  ];
}

function toWire(role: RoleDefinition, scope: string): Record<string, unknown> {
  const { name, createdOn, updatedOn, ...properties } = role;
  return {
    id: roleDefinitionId(scope, name),
    type: 'Microsoft.Authorization/roleDefinitions',
    name,
    properties: {
      ...properties,
      ...(createdOn === undefined ? {} : { createdOn, updatedOn }),
    },
  };
}
