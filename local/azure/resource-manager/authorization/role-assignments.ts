/**
 * `Microsoft.Authorization/roleAssignments` at any scope.
 * Source: REST reference, Role Assignments 2022-04-01; "List Azure role assignments using the
 * REST API" for the filters; "Troubleshoot Azure RBAC" for the codes.
 */
import { z } from 'zod';
import { AzureFault, type Principal, type Store, type World } from '../../service.ts';
import type { ArmSettings } from '../arm-settings.ts';
import { matchesFilter, parseFilter, unsupportedFilter } from '../odata-filter.ts';
import { toPage } from '../paging.ts';
import type { Principals } from '../principals.ts';
import type { Contains } from '../management-groups.ts';
import { isAtOrAbove, isSameId, toKey } from '../resource-id.ts';
import { created, noContent, ok, readBody, type ArmCall, type ArmRoute } from '../route.ts';
import type { EffectiveAssignment } from './effective-permission.ts';
import { identitiesOf } from './groups.ts';
import { findRole, roleDefinitionId } from './role-definitions.ts';

export interface RoleAssignment {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  /** The role's GUID. */
  readonly role: string;
  readonly principalId: string;
  readonly principalType: string;
  readonly description?: string | undefined;
  readonly condition?: string | undefined;
  readonly conditionVersion?: string | undefined;
  readonly delegatedManagedIdentityResourceId?: string | undefined;
  readonly createdOn: string;
  readonly updatedOn: string;
  readonly createdBy: string;
}

/** By principal, so that deciding about one reads only its own. */
const BY_PRINCIPAL = 'arm.roleAssignments';
const BY_ID = 'arm.roleAssignmentsById';
const PATH = '{scope}/providers/Microsoft.Authorization/roleAssignments';
const VERSIONS = ['2015-07-01', '2018-01-01-preview', '2020-04-01-preview', '2022-04-01'];
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PAGE_SIZE = 200;
/** Operators are people without an object id in this world; records name this one. */
const OPERATOR = '0be7a704-0000-4000-8000-000000000000';

const bodySchema = z.object({
  properties: z.object({
    roleDefinitionId: z.string().min(1),
    principalId: z.string().regex(GUID, 'must be a GUID'),
    principalType: z
      .enum(['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device'])
      .optional(),
    description: z.string().optional(),
    condition: z.string().optional(),
    conditionVersion: z.string().optional(),
    delegatedManagedIdentityResourceId: z.string().optional(),
  }),
});

/** The assignments of a principal and of the groups that it is in, as the decision needs them. */
export function assignmentsOf(
  store: Store,
  identities: ReadonlySet<string>,
  propagationSeconds: number,
): EffectiveAssignment[] {
  return [...identities]
    .flatMap((id) => store.list<RoleAssignment>(BY_PRINCIPAL, `${id} `))
    .map(({ document }) => ({
      scope: document.scope,
      principalId: document.principalId,
      permissions: findRole(store, document.role)?.permissions ?? [],
      effectiveFrom: new Date(Date.parse(document.createdOn) + propagationSeconds * 1000),
      condition: document.condition,
    }));
}

/** Removes the assignments at a resource that goes, and at what is in it. */
export function removeAssignmentsAt(store: Store, id: string): void {
  for (const { key, document } of store.list<RoleAssignment>(BY_PRINCIPAL)) {
    if (!isAtOrAbove(id, document.scope)) continue;
    store.delete(BY_PRINCIPAL, key);
    store.delete(BY_ID, toKey(document.id));
  }
}

/** Whether any assignment uses the role. */
export function isRoleAssigned(store: Store, role: string): boolean {
  return store.list<RoleAssignment>(BY_PRINCIPAL).some(({ document }) => document.role === role);
}

export function roleAssignmentRoutes(
  { store, clock }: World,
  principals: Principals,
  settings: ArmSettings,
  contains: Contains,
): ArmRoute[] {
  const find = (id: string): RoleAssignment | undefined => {
    const entry = store.get<{ key: string }>(BY_ID, toKey(id));
    return entry === undefined ? undefined : store.get(BY_PRINCIPAL, entry.key);
  };
  const save = (assignment: RoleAssignment): void => {
    const key = `${assignment.principalId.toLowerCase()} ${toKey(assignment.id)}`;
    store.transaction(() => {
      store.put(BY_PRINCIPAL, key, assignment);
      store.put(BY_ID, toKey(assignment.id), { key });
    });
  };

  const list = (call: ArmCall) => {
    const scope = call.param('scope');
    const text = call.request.query('$filter');
    const filter = text === undefined || text === '' ? undefined : parseFilter(text);
    const found = store
      .list<RoleAssignment>(BY_PRINCIPAL)
      .map(({ document }) => document)
      .filter(
        (assignment) =>
          (contains(assignment.scope, scope) || contains(scope, assignment.scope)) &&
          (filter === undefined ||
            matchesFilter(filter, {
              field(name) {
                if (name.toLowerCase() !== 'principalid') throw unsupportedFilter(name);
                return assignment.principalId;
              },
              call(name, [argument = '']) {
                switch (name.toLowerCase()) {
                  case 'atscope':
                    return contains(assignment.scope, scope);
                  case 'assignedto':
                    return identitiesOf(store, argument).has(assignment.principalId.toLowerCase());
                  default:
                    throw unsupportedFilter(`${name}()`);
                }
              },
            })),
      )
      .map(toWire);
    return ok(toPage(call.request, found, PAGE_SIZE));
  };

  const get = (call: ArmCall) => {
    const assignment = find(idOf(call));
    if (assignment === undefined) {
      throw new AzureFault(
        404,
        'RoleAssignmentNotFound',
        `The role assignment '${call.param('roleAssignmentName')}' is not found.`,
      );
    }
    return ok(toWire(assignment));
  };

  const put = (call: ArmCall) => {
    const scope = call.param('scope');
    const name = call.param('roleAssignmentName');
    if (!GUID.test(name)) {
      throw new AzureFault(
        400,
        'InvalidRoleAssignmentId',
        `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
      );
    }
    const { properties } = readBody(call, bodySchema);
    const role = findRole(store, properties.roleDefinitionId);
    if (role === undefined) {
      throw new AzureFault(
        400,
        'RoleDefinitionDoesNotExist',
        `The specified role definition with ID '${properties.roleDefinitionId.slice(properties.roleDefinitionId.lastIndexOf('/') + 1)}' does not exist.`,
      );
    }
    const principalType =
      properties.principalType ??
      (principals.byObjectId(properties.principalId) === undefined ? 'User' : 'ServicePrincipal');
    const { principalId } = properties;
    call.requireAssignment('Microsoft.Authorization/roleAssignments/write', {
      ...{ roleDefinitionId: role.name, principalId, principalType },
    });
    checkPrincipal(properties.principalId, properties.principalType);

    const existing = find(idOf(call));
    if (
      existing !== undefined &&
      (existing.principalId.toLowerCase() !== properties.principalId.toLowerCase() ||
        existing.role !== role.name)
    ) {
      throw new AzureFault(
        400,
        'RoleAssignmentUpdateNotPermitted',
        'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
      );
    }
    const twin = store
      .list<RoleAssignment>(BY_PRINCIPAL, `${properties.principalId.toLowerCase()} `)
      .map(({ document }) => document)
      .find(
        (other) =>
          other.role === role.name &&
          isSameId(other.scope, scope) &&
          other.name.toLowerCase() !== name.toLowerCase(),
      );
    if (twin !== undefined) {
      throw new AzureFault(
        409,
        'RoleAssignmentExists',
        `The role assignment already exists. The ID of the existing role assignment is ${twin.name.replaceAll('-', '')}.`,
      );
    }
    const now = clock.now().toISOString();
    const assignment: RoleAssignment = {
      id: idOf(call),
      name,
      scope,
      role: role.name,
      principalId: properties.principalId,
      principalType,
      description: properties.description,
      condition: properties.condition,
      conditionVersion: properties.conditionVersion,
      delegatedManagedIdentityResourceId: properties.delegatedManagedIdentityResourceId,
      createdOn: existing?.createdOn ?? now,
      updatedOn: now,
      createdBy: existing?.createdBy ?? callerOf(call.request.principal),
    };
    save(assignment);
    return created(toWire(assignment));
  };

  /**
   * Without `principalType` the principal must be known; with it the check is skipped, which is
   * the documented way around the replication of a fresh identity.
   */
  const checkPrincipal = (principalId: string, principalType: string | undefined): void => {
    if (principalType !== undefined) return;
    const principal = principals.byObjectId(principalId);
    const age =
      principal === undefined
        ? -1
        : (clock.now().getTime() - Date.parse(principal.createdAt)) / 1000;
    if (age >= settings.principalReplicationSeconds()) return;
    throw new AzureFault(
      400,
      'PrincipalNotFound',
      `Principal ${principalId.replaceAll('-', '')} does not exist in the directory. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
    );
  };

  const remove = (call: ArmCall) => {
    const assignment = find(idOf(call));
    if (assignment === undefined) return noContent;
    const { role: roleDefinitionId, principalId, principalType } = assignment;
    call.requireAssignment('Microsoft.Authorization/roleAssignments/delete', {
      ...{ roleDefinitionId, principalId, principalType },
    });
    store.transaction(() => {
      store.delete(BY_PRINCIPAL, `${assignment.principalId.toLowerCase()} ${toKey(assignment.id)}`);
      store.delete(BY_ID, toKey(assignment.id));
    });
    return ok(toWire(assignment));
  };

  const versions = VERSIONS;
  const path = `${PATH}/{roleAssignmentName}`;
  return [
    { method: 'GET', path: PATH, versions, handle: list },
    { method: 'GET', path, versions, handle: get },
    { method: 'PUT', path, versions, handle: put },
    { method: 'DELETE', path, versions, handle: remove },
  ];
}

function idOf(call: ArmCall): string {
  const scope = call.param('scope');
  return `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleAssignments/${call.param('roleAssignmentName')}`;
}

function toWire(assignment: RoleAssignment): Record<string, unknown> {
  return {
    id: assignment.id,
    type: 'Microsoft.Authorization/roleAssignments',
    name: assignment.name,
    properties: {
      roleDefinitionId: roleDefinitionId(assignment.scope, assignment.role),
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      scope: assignment.scope,
      condition: assignment.condition ?? null,
      conditionVersion:
        assignment.conditionVersion ?? (assignment.condition === undefined ? null : '2.0'),
      description: assignment.description ?? null,
      delegatedManagedIdentityResourceId: assignment.delegatedManagedIdentityResourceId ?? null,
      createdOn: assignment.createdOn,
      updatedOn: assignment.updatedOn,
      createdBy: assignment.createdBy,
      updatedBy: assignment.createdBy,
    },
  };
}

function callerOf(principal: Principal | undefined): string {
  return principal?.kind === 'identity' ? principal.objectId : OPERATOR;
}
