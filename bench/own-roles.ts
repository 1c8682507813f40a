import type { AzureWire } from '../local/seed/azure-wire.ts';
import { giveCertkeeper, type Task } from '../local/seed/certkeeper-roles.ts';
import { API, CERTKEEPER_IDENTITY, GROUP_ID, identityId } from '../local/seed/fleet.ts';
import { assignRole, ROLES } from '../local/seed/roles.ts';

const TASKS: readonly Task[] = ['report', 'rotate', 'workspaces'];

/**
 * Lets Certkeeper's identity at every vault and service of the measured fleet. With the role that shows
 * the list of all policies besides, which no custom role can name (docs/permissions.md).
 */
export async function letCertkeeperAtAll(azure: AzureWire): Promise<void> {
  const identity = await azure.resource(identityId(CERTKEEPER_IDENTITY), API.identity);
  const principalId = String(identity?.properties['principalId']);
  await giveCertkeeper(azure, principalId, TASKS, { at: 'service', id: GROUP_ID });
  await giveCertkeeper(azure, principalId, TASKS, { at: 'rbacVault', id: GROUP_ID });
  await assignRole(azure, GROUP_ID, principalId, ROLES.apiManagementServiceReader);
}
