/**
 * Certkeeper's own rights at the fleet: the very role definitions that a deployment makes, read
 * from where the deployment reads them.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../repository.ts';
import type { AzureWire } from './azure-wire.ts';
import { API, SUBSCRIPTION_ID, TENANT_ID } from './fleet.ts';
import { assignRole, toGuid } from './roles.ts';

const FILE = path.join('infra', 'roles', 'roles.json');
const DEFINITIONS = 'providers/Microsoft.Authorization/roleDefinitions';

const texts = z.array(z.string().min(1));
const taskSchema = z.enum([
  'report',
  'rotate',
  'workspaces',
  'applications',
  'upload',
  'ca',
  'grant',
  'cleanUp',
  'repair',
  'deletedVaults',
]);
const rolesSchema = z.array(
  z.strictObject({
    task: taskSchema,
    /** What it is assigned at; of a vault with access policies, the rest is in its policies. */
    at: z.enum(['service', 'rbacVault', 'policyVault', 'subscription']),
    description: z.string().min(1),
    actions: texts,
    dataActions: texts,
    certificates: texts,
    secrets: texts,
    keys: texts,
    /** Of its assignments; empty for none. */
    condition: z.string(),
    /** GUIDs of built-in roles that allow at least as much. */
    builtIns: z.array(z.guid()),
  }),
);

/** What Certkeeper may be deployed to do; everything but `report` is asked for by a setting. */
export type Task = z.infer<typeof taskSchema>;
export const TASKS: readonly Task[] = taskSchema.options;
export type CertkeeperRole = z.infer<typeof rolesSchema>[number];

/**
 * The roles of `infra/roles/roles.json`.
 * Thrown when the file is missing or does not hold what it should: Error.
 */
export function readCertkeeperRoles(): readonly CertkeeperRole[] {
  return (roles ??= rolesSchema.parse(
    JSON.parse(readFileSync(path.join(repositoryRoot(), FILE), 'utf8')),
  ));
}

/** Read once: every place that is given rights asks for them. */
let roles: readonly CertkeeperRole[] | undefined;

/** Makes the custom roles. Once more changes nothing. */
export async function defineCertkeeperRoles(azure: AzureWire): Promise<void> {
  const scope = `/subscriptions/${SUBSCRIPTION_ID}`;
  await Promise.all(
    readCertkeeperRoles()
      .filter(hasDefinition)
      .map(({ task, at, description, actions, dataActions }) =>
        azure.ask(
          'PUT',
          `management.azure.com${scope}/${DEFINITIONS}/${guidOf({ task, at })}?api-version=${API.roles}`,
          {
            body: {
              properties: {
                roleName: `Certkeeper ${task} ${at}`,
                description,
                type: 'CustomRole',
                assignableScopes: [scope],
                permissions: [{ actions, notActions: [], dataActions, notDataActions: [] }],
              },
            },
          },
        ),
      ),
  );
}

/** Assigns Certkeeper's identity, at a vault, a service or a subscription, the roles for some tasks. */
export async function giveCertkeeper(
  azure: AzureWire,
  principalId: string,
  tasks: readonly Task[],
  { at, id }: { readonly at: CertkeeperRole['at']; readonly id: string },
): Promise<void> {
  const wanted = readCertkeeperRoles().filter((one) => one.at === at && tasks.includes(one.task));
  await Promise.all(
    wanted
      .filter(hasDefinition)
      .map((role) =>
        assignRole(
          azure,
          id,
          principalId,
          guidOf(role),
          role.condition === '' ? undefined : role.condition,
        ),
      ),
  );
}

/** The entry for Certkeeper's identity in a vault's access policies. */
export function certkeeperPolicy(principalId: string, tasks: readonly Task[]) {
  const wanted = readCertkeeperRoles().filter(
    (role) => role.at === 'policyVault' && tasks.includes(role.task),
  );
  const of = (kind: 'certificates' | 'secrets' | 'keys') => [
    ...new Set(wanted.flatMap((role) => role[kind])),
  ];
  return {
    tenantId: TENANT_ID,
    objectId: principalId,
    permissions: { certificates: of('certificates'), secrets: of('secrets'), keys: of('keys') },
  };
}

function hasDefinition({ actions, dataActions }: CertkeeperRole): boolean {
  return actions.length + dataActions.length > 0;
}

function guidOf({ task, at }: Pick<CertkeeperRole, 'task' | 'at'>): string {
  return toGuid(`certkeeper|${task}|${at}`);
}
