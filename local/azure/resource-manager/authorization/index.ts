/** Who may do what: the routes of `Microsoft.Authorization` and the decisions made from them. */
import {
  AzureFault,
  type AccessDecider,
  type ControlRoute,
  type Principal,
  type World,
} from '../../service.ts';
import type { ArmSettings } from '../arm-settings.ts';
import { makeContains } from '../management-groups.ts';
import type { Principals } from '../principals.ts';
import type { ArmRoute } from '../route.ts';
import { allowsByAccessPolicy } from './access-policy.ts';
import {
  denyAssignmentControl,
  denyAssignmentRoutes,
  denyAssignments,
} from './deny-assignments.ts';
import { evaluateCondition, type AssignmentAttributes } from './condition.ts';
import { makeDecisions } from './decisions.ts';
import { decide, type Plane, type Surroundings } from './effective-permission.ts';
import { groupControl, identitiesOf } from './groups.ts';
import { assignmentsOf, isRoleAssigned, roleAssignmentRoutes } from './role-assignments.ts';
import { roleDefinitionRoutes } from './role-definitions.ts';

/**
 * Whether an operation is allowed on a resource.
 * @param assignment the role assignment that is written or deleted, when it is known
 */
export type Decider = (
  operation: string,
  resourceId: string,
  assignment?: AssignmentAttributes,
) => boolean;

export interface Authorization {
  readonly routes: readonly ArmRoute[];
  readonly controlRoutes: readonly ControlRoute[];
  /** What the caller may do in Resource Manager at this moment; operators may everything. */
  permissionsOf(principal: Principal | undefined): Decider;
  /** Thrown when the caller may not: AzureFault 403 `AuthorizationFailed`. */
  require(
    principal: Principal | undefined,
    operation: string,
    resourceId: string,
    assignment?: AssignmentAttributes,
  ): void;
  readonly allows: AccessDecider['allows'];
}

export function makeAuthorization(
  world: World,
  principals: Principals,
  settings: ArmSettings,
): Authorization {
  const { store, clock } = world;

  const contains = makeContains(store);
  const decisions = makeDecisions();
  // What a principal holds is read once and then asked about any number of resources.
  const holdingsOf = (principalId: string, plane: Plane): Decider => {
    const identities = identitiesOf(store, principalId);
    const assignments = assignmentsOf(store, identities, settings.propagationSeconds());
    const denies = denyAssignments(store);
    const now = clock.now();
    return (operation, resourceId, assignment) => {
      // Other attributes than those of role assignments are not modelled: a setting decides.
      const holds: Surroundings['holds'] = (condition, of) =>
        evaluateCondition(condition, { operation, assignment }) ??
        (of === 'denial' ? settings.denyConditions() : settings.conditions()) === 'met';
      const question = { principalId, resourceId, plane, operation, now };
      const { allowed } = decide(question, assignments, denies, { contains, holds, identities });
      decisions.add({ principalId, plane, operation, allowed }, resourceId);
      return allowed;
    };
  };

  const permissionsOf = (principal: Principal | undefined): Decider => {
    if (principal === undefined) return () => false;
    if (principal.kind === 'operator' || settings.authorization() === 'open') return () => true;
    return holdingsOf(principal.objectId, 'action');
  };

  return {
    routes: [
      ...roleDefinitionRoutes(world, (role) => isRoleAssigned(store, role)),
      ...roleAssignmentRoutes(world, principals, settings, contains),
      ...denyAssignmentRoutes(world, contains),
    ],
    controlRoutes: [
      ...denyAssignmentControl(world),
      ...groupControl(world),
      ...decisions.controlRoutes,
    ],
    permissionsOf,
    require(principal, operation, resourceId, assignment) {
      if (permissionsOf(principal)(operation, resourceId, assignment)) return;
      const id = principal?.kind === 'identity' ? principal : undefined;
      // Source: "Troubleshoot Azure RBAC", symptom "AuthorizationFailed".
      throw new AzureFault(
        403,
        'AuthorizationFailed',
        `The client '${id?.clientId ?? ''}' with object id '${id?.objectId ?? ''}' does not have ` +
          `authorization${assignment === undefined ? '' : ' or an ABAC condition not fulfilled'} to perform action '${operation}' over scope '${resourceId}' or the scope ` +
          'is invalid. If access was recently granted, please refresh your credentials.',
      );
    },
    allows(objectId, vault, object, dataAction, policy) {
      if (vault.properties.enableRbacAuthorization) {
        return holdingsOf(objectId, 'dataAction')(dataAction, `${vault.id}${object}`);
      }
      const allowed = allowsByAccessPolicy(objectId, vault, policy);
      const operation = `${policy.kind}/${policy.permission}`;
      decisions.add({ principalId: objectId, plane: 'accessPolicy', operation, allowed }, vault.id);
      return allowed;
    },
  };
}
