/** Who may do what: the routes of `Microsoft.Authorization` and the decisions made from them. */
import {
  AzureFault,
  type AccessDecider,
  type ControlRoute,
  type Principal,
  type World,
} from '../../service.ts';
import type { ArmSettings } from '../arm-settings.ts';
import type { Principals } from '../principals.ts';
import type { ArmRoute } from '../route.ts';
import { allowsByAccessPolicy } from './access-policy.ts';
import {
  denyAssignmentControl,
  denyAssignmentRoutes,
  denyAssignments,
} from './deny-assignments.ts';
import { decide, type Plane } from './effective-permission.ts';
import { assignmentsOf, isRoleAssigned, roleAssignmentRoutes } from './role-assignments.ts';
import { roleDefinitionRoutes } from './role-definitions.ts';

export interface Authorization {
  readonly routes: readonly ArmRoute[];
  readonly controlRoutes: readonly ControlRoute[];
  /** Whether the caller may do an operation of Resource Manager; operators always may. */
  may(principal: Principal | undefined, operation: string, resourceId: string): boolean;
  /** Thrown when the caller may not: AzureFault 403 `AuthorizationFailed`. */
  require(principal: Principal | undefined, operation: string, resourceId: string): void;
  readonly allows: AccessDecider['allows'];
}

export function makeAuthorization(
  world: World,
  principals: Principals,
  settings: ArmSettings,
): Authorization {
  const { store, clock } = world;

  const isAllowed = (
    principalId: string,
    plane: Plane,
    operation: string,
    resourceId: string,
  ): boolean =>
    decide(
      { principalId, resourceId, plane, operation, now: clock.now() },
      assignmentsOf(store, principalId, settings.propagationSeconds()),
      denyAssignments(store),
    ).allowed;

  const may: Authorization['may'] = (principal, operation, resourceId) =>
    principal?.kind === 'operator' ||
    settings.authorization() === 'open' ||
    (principal !== undefined && isAllowed(principal.objectId, 'action', operation, resourceId));

  return {
    routes: [
      ...roleDefinitionRoutes(world, (role) => isRoleAssigned(store, role)),
      ...roleAssignmentRoutes(world, principals, settings),
      ...denyAssignmentRoutes(world),
    ],
    controlRoutes: denyAssignmentControl(world),
    may,
    require(principal, operation, resourceId) {
      if (may(principal, operation, resourceId)) return;
      const id = principal?.kind === 'identity' ? principal : undefined;
      // Source: "Troubleshoot Azure RBAC", symptom "AuthorizationFailed".
      throw new AzureFault(
        403,
        'AuthorizationFailed',
        `The client '${id?.clientId ?? ''}' with object id '${id?.objectId ?? ''}' does not have ` +
          `authorization to perform action '${operation}' over scope '${resourceId}' or the scope ` +
          'is invalid. If access was recently granted, please refresh your credentials.',
      );
    },
    allows(objectId, vault, dataAction, policy) {
      return vault.properties.enableRbacAuthorization
        ? isAllowed(objectId, 'dataAction', dataAction, vault.id)
        : allowsByAccessPolicy(objectId, vault, policy);
    },
  };
}
