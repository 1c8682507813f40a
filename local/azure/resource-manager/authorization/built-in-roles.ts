/**
 * Built-in roles with their real ids and permissions, those that matter around Key Vault and
 * API Management. Source: "Azure built-in roles" (pages Privileged, Security, Integration,
 * Identity), which lists actions and data actions of each.
 */
import type { Permission } from './effective-permission.ts';

export interface BuiltInRole {
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
}

const COMMON_READS = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Support/*',
];
const KEY_VAULT_READS = [
  'Microsoft.KeyVault/checkNameAvailability/read',
  'Microsoft.KeyVault/deletedVaults/read',
  'Microsoft.KeyVault/locations/*/read',
  'Microsoft.KeyVault/vaults/*/read',
  'Microsoft.KeyVault/operations/read',
];

export const builtInRoles: readonly BuiltInRole[] = [
  role(
    '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
    'Owner',
    'Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.',
    { actions: ['*'] },
  ),
  role(
    'b24988ac-6180-42a0-ab88-20f7382dd24c',
    'Contributor',
    'Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, manage assignments in Azure Blueprints, or share image galleries.',
    {
      actions: ['*'],
      notActions: [
        'Microsoft.Authorization/*/Delete',
        'Microsoft.Authorization/*/Write',
        'Microsoft.Authorization/elevateAccess/Action',
        'Microsoft.Blueprint/blueprintAssignments/write',
        'Microsoft.Blueprint/blueprintAssignments/delete',
        'Microsoft.Compute/galleries/share/action',
        'Microsoft.Purview/consents/write',
        'Microsoft.Purview/consents/delete',
        'Microsoft.Resources/deploymentStacks/manageDenySetting/action',
        'Microsoft.Subscription/cancel/action',
        'Microsoft.Subscription/enable/action',
      ],
    },
  ),
  role(
    'acdd72a7-3385-48ef-bd42-f606fba81ae7',
    'Reader',
    'View all resources, but does not allow you to make any changes.',
    { actions: ['*/read'] },
  ),
  role(
    '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
    'User Access Administrator',
    'Lets you manage user access to Azure resources.',
    {
      actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'],
    },
  ),
  role(
    'f58310d9-a9f6-439a-9e8d-f62e7b41a168',
    'Role Based Access Control Administrator',
    'Manage access to Azure resources by assigning roles using Azure RBAC.',
    {
      actions: [
        'Microsoft.Authorization/roleAssignments/write',
        'Microsoft.Authorization/roleAssignments/delete',
        '*/read',
        'Microsoft.Support/*',
      ],
    },
  ),
  role(
    '00482a5a-887f-4fb3-b363-3b7fe8e74483',
    'Key Vault Administrator',
    'Perform all data plane operations on a key vault and all objects in it, including certificates, keys, and secrets.',
    {
      actions: [...COMMON_READS, ...KEY_VAULT_READS],
      dataActions: ['Microsoft.KeyVault/vaults/*'],
    },
  ),
  role(
    'a4417e6f-fecd-4de8-b567-7b0420556985',
    'Key Vault Certificates Officer',
    'Perform any action on the certificates of a key vault, excluding reading the secret and key portions, and managing permissions.',
    {
      actions: [...COMMON_READS, ...KEY_VAULT_READS],
      dataActions: [
        'Microsoft.KeyVault/vaults/certificatecas/*',
        'Microsoft.KeyVault/vaults/certificates/*',
        'Microsoft.KeyVault/vaults/certificatecontacts/write',
      ],
    },
  ),
  role(
    'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
    'Key Vault Certificate User',
    'Read certificate contents.',
    {
      dataActions: [
        'Microsoft.KeyVault/vaults/certificates/read',
        'Microsoft.KeyVault/vaults/secrets/getSecret/action',
        'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
        'Microsoft.KeyVault/vaults/keys/read',
      ],
    },
  ),
  role(
    '12338af0-0e69-4776-bea7-57ae8d297424',
    'Key Vault Crypto User',
    'Perform cryptographic operations using keys.',
    {
      dataActions: [
        'Microsoft.KeyVault/vaults/keys/read',
        'Microsoft.KeyVault/vaults/keys/update/action',
        'Microsoft.KeyVault/vaults/keys/backup/action',
        'Microsoft.KeyVault/vaults/keys/encrypt/action',
        'Microsoft.KeyVault/vaults/keys/decrypt/action',
        'Microsoft.KeyVault/vaults/keys/wrap/action',
        'Microsoft.KeyVault/vaults/keys/unwrap/action',
        'Microsoft.KeyVault/vaults/keys/sign/action',
        'Microsoft.KeyVault/vaults/keys/verify/action',
      ],
    },
  ),
  role(
    'f25e0fa2-a7c8-4377-a976-54943a77a395',
    'Key Vault Contributor',
    'Manage key vaults, but does not allow you to assign roles in Azure RBAC, and does not allow you to access secrets, keys, or certificates.',
    {
      actions: [...COMMON_READS, 'Microsoft.KeyVault/*'],
      notActions: [
        'Microsoft.KeyVault/locations/deletedVaults/purge/action',
        'Microsoft.KeyVault/hsmPools/*',
        'Microsoft.KeyVault/managedHsms/*',
      ],
    },
  ),
  role(
    '21090545-7ca7-4776-b22c-e363652d74d2',
    'Key Vault Reader',
    'Read metadata of key vaults and its certificates, keys, and secrets.',
    {
      actions: [...COMMON_READS, ...KEY_VAULT_READS],
      dataActions: [
        'Microsoft.KeyVault/vaults/*/read',
        'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
      ],
    },
  ),
  role(
    'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
    'Key Vault Secrets Officer',
    'Perform any action on the secrets of a key vault, except manage permissions.',
    {
      actions: [...COMMON_READS, ...KEY_VAULT_READS],
      dataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
    },
  ),
  role('4633458b-17de-408a-b874-0445c86b69e6', 'Key Vault Secrets User', 'Read secret contents.', {
    dataActions: [
      'Microsoft.KeyVault/vaults/secrets/getSecret/action',
      'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
    ],
  }),
  role(
    '312a565d-c81f-4fd8-895a-4e21e48d571c',
    'API Management Service Contributor',
    'Can manage service and the APIs.',
    {
      actions: [
        'Microsoft.ApiManagement/service/*',
        ...COMMON_READS,
        'Microsoft.ResourceHealth/availabilityStatuses/read',
      ],
    },
  ),
  role(
    'e022efe7-f5ba-4159-bbe4-b44f577e9b61',
    'API Management Service Operator Role',
    'Can manage service but not the APIs.',
    {
      actions: [
        'Microsoft.ApiManagement/service/*/read',
        'Microsoft.ApiManagement/service/backup/action',
        'Microsoft.ApiManagement/service/delete',
        'Microsoft.ApiManagement/service/managedeployments/action',
        'Microsoft.ApiManagement/service/read',
        'Microsoft.ApiManagement/service/restore/action',
        'Microsoft.ApiManagement/service/updatecertificate/action',
        'Microsoft.ApiManagement/service/updatehostname/action',
        'Microsoft.ApiManagement/service/write',
        ...COMMON_READS,
        'Microsoft.ResourceHealth/availabilityStatuses/read',
      ],
      notActions: ['Microsoft.ApiManagement/service/users/keys/read'],
    },
  ),
  role(
    '71522526-b88f-4d52-b57f-d31fc3546d0d',
    'API Management Service Reader Role',
    'Read-only access to service and APIs.',
    {
      actions: [
        'Microsoft.ApiManagement/service/*/read',
        'Microsoft.ApiManagement/service/read',
        ...COMMON_READS,
        'Microsoft.ResourceHealth/availabilityStatuses/read',
      ],
      notActions: ['Microsoft.ApiManagement/service/users/keys/read'],
    },
  ),
  role(
    'f1a07417-d97a-45cb-824c-7a7467783830',
    'Managed Identity Operator',
    'Read and Assign User Assigned Identity.',
    {
      actions: [
        'Microsoft.ManagedIdentity/userAssignedIdentities/*/read',
        'Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action',
        ...COMMON_READS,
      ],
    },
  ),
  role(
    '1e241071-0855-49ea-94dc-649edcd759de',
    'EventGrid Contributor',
    'Lets you manage EventGrid operations.',
    {
      actions: [...COMMON_READS, 'Microsoft.EventGrid/*'],
    },
  ),
  role(
    'd5a91429-5739-47e2-a06b-3470a27159e7',
    'EventGrid Data Sender',
    'Allows send access to event grid events.',
    {
      actions: [
        'Microsoft.Authorization/*/read',
        'Microsoft.EventGrid/topics/read',
        'Microsoft.EventGrid/domains/read',
        'Microsoft.EventGrid/partnerNamespaces/read',
        'Microsoft.Resources/subscriptions/resourceGroups/read',
        'Microsoft.EventGrid/namespaces/read',
      ],
      dataActions: ['Microsoft.EventGrid/events/send/action'],
    },
  ),
];

function role(
  name: string,
  roleName: string,
  description: string,
  permission: Partial<Permission>,
): BuiltInRole {
  return {
    name,
    roleName,
    description,
    permissions: [
      { actions: [], notActions: [], dataActions: [], notDataActions: [], ...permission },
    ],
  };
}
