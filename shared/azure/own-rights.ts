/**
 * What lets Certkeeper's own identity do something, as commands. They name the identity by its
 * object id: `--assignee` would have to look it up in Microsoft Graph, which not everybody may who
 * may assign roles ("Assign Azure roles using Azure CLI").
 */
import type { CaredFor } from './cared-for.ts';

const OWN = "{object id of Certkeeper's identity}";

/** The command that gives Certkeeper's identity a built-in role at a scope. */
export function assignOwnRole(role: string, scope: string): string {
  return `az role assignment create --role "${role}" --assignee-object-id ${OWN} --assignee-principal-type ServicePrincipal --scope ${scope}`;
}

/**
 * The right at a vault, for either way in which a vault may be guarded.
 *
 * `az keyvault set-policy` puts the permissions it is given in place of those that a principal has
 * (azure-cli, keyvault/custom.py, `set_policy`); what Certkeeper holds already is not known here.
 */
export function allowOwnAtVault(
  role: string,
  vault: Pick<CaredFor, 'id' | 'name'>,
  permissions: {
    readonly certificates?: string;
    readonly secrets?: string;
    readonly keys?: string;
  },
): string {
  const { certificates, secrets, keys } = permissions;
  const lists = [
    ...(certificates === undefined ? [] : [`--certificate-permissions ${certificates}`]),
    ...(secrets === undefined ? [] : [`--secret-permissions ${secrets}`]),
    ...(keys === undefined ? [] : [`--key-permissions ${keys}`]),
  ].join(' ');
  return `${assignOwnRole(role, vault.id)} (a vault with access policies, where it has to be given again what it has already: az keyvault set-policy --name ${vault.name} --object-id ${OWN} ${lists})`;
}

/**
 * The way through a vault's firewall for Certkeeper itself. Function apps are not among the
 * services that the bypass lets in ("Virtual network service endpoints for Azure Key Vault").
 *
 * @param vaultId ARM id
 */
export function letOwnNetworkIn(vaultId: string): string {
  const { name, group } = partsOf(vaultId);
  return `Let its network in, the bypass for trusted services does not cover a function app: az keyvault network-rule add --name ${name} --resource-group ${group} --subnet {id of the subnet that the function app is integrated with} (or --ip-address {the function app's outbound address})`;
}

/** The way to a vault that takes no calls from public networks. */
export function connectOwnNetwork(vaultId: string): string {
  const { name } = partsOf(vaultId);
  return `Give the vault a private endpoint in the network that the function app is integrated with: az network private-endpoint create --name certkeeper-${name} --connection-name certkeeper --resource-group {resource group of the network} --subnet {id of a subnet} --private-connection-resource-id ${vaultId} --group-id vault`;
}

function partsOf(id: string): { readonly name: string; readonly group: string } {
  const group = /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? '{resource group}';
  return { name: id.slice(id.lastIndexOf('/') + 1), group };
}

/**
 * The right to give a vault's one role, and no other: the role that assigns roles, under the
 * condition that the platform's own template for roles and principal types writes ("Delegate Azure
 * role assignment management to others with conditions"). It holds for taking back, too.
 *
 * @param vaultId ARM id
 * @param role GUID of the only role that may be given
 */
export function delegateRole(vaultId: string, role: string): string {
  const only = (action: string, side: string): string =>
    `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})) OR (@${side}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${role}} AND @${side}[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}))`;
  const condition = `${only('write', 'Request')} AND ${only('delete', 'Resource')}`;
  return `${assignOwnRole('Role Based Access Control Administrator', vaultId)} --condition "${condition}" --condition-version 2.0`;
}

/**
 * The right to write a vault's access policies. No built-in role holds it alone, and the platform
 * has nothing narrower: who may write policies may write any policy of that vault.
 *
 * @param vaultId ARM id
 */
export function allowPolicyWrites(vaultId: string): string {
  const group = vaultId.split('/').slice(0, 5).join('/');
  const role = JSON.stringify({
    Name: 'Certkeeper access policies',
    Description: 'Writes the access policies of key vaults.',
    Actions: ['Microsoft.KeyVault/vaults/read', 'Microsoft.KeyVault/vaults/accessPolicies/write'],
    AssignableScopes: [group],
  });
  return `az role definition create --role-definition '${role}' && ${assignOwnRole('Certkeeper access policies', vaultId)}`;
}

/** `Application.ReadWrite.OwnedBy` in the Microsoft Graph permissions reference. */
const APPLICATION_OWNED_BY = '18a4783c-866b-4cc7-a460-3d5e5662c884';

/**
 * The least that lets Certkeeper's identity change the keys of one application: it becomes an owner,
 * and may change what it owns. It cannot touch any other.
 */
export function allowOwnAtGraph(appId: string): string {
  const body = JSON.stringify({
    principalId: OWN,
    resourceId: "{object id of Microsoft Graph's service principal}",
    appRoleId: APPLICATION_OWNED_BY,
  });
  return `Make its identity an owner, az ad app owner add --id ${appId} --owner-object-id ${OWN}, and give it the permission Application.ReadWrite.OwnedBy once: az rest --method POST --url https://graph.microsoft.com/v1.0/servicePrincipals/${OWN}/appRoleAssignments --body '${body}' (the object id of Microsoft Graph: az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id)`;
}
