/** Role assignments whose names follow from what they grant, so that granting again is harmless. */
import { createHash } from 'node:crypto';
import type { AzureWire } from './azure-wire.ts';
import { API, SUBSCRIPTION_ID } from './fleet.ts';

/** Built-in roles by their published ids. */
export const ROLES = {
  apiManagementServiceReader: '71522526-b88f-4d52-b57f-d31fc3546d0d',
  eventGridDataSender: 'd5a91429-5739-47e2-a06b-3470a27159e7',
  keyVaultCertificateUser: 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
  keyVaultReader: '21090545-7ca7-4776-b22c-e363652d74d2',
} as const;

/** Gives a service principal a role at a scope, under a condition when one is given. */
export async function assignRole(
  azure: AzureWire,
  scope: string,
  principalId: string,
  roleId: string,
  condition?: string,
): Promise<void> {
  const name = toGuid(`${scope}|${principalId}|${roleId}`.toLowerCase());
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  await azure.ask('PUT', `management.azure.com${id}?api-version=${API.roles}`, {
    body: {
      properties: {
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
        principalId,
        principalType: 'ServicePrincipal',
        ...(condition === undefined ? {} : { condition, conditionVersion: '2.0' }),
      },
    },
    expect: [409],
  });
}

/** A GUID of version 8 (RFC 9562: made by a rule of one's own) out of a text. */
export function toGuid(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
