/**
 * The errors of Key Vault, in its own wording. Codes and texts are those of the REST API's error
 * pages (learn.microsoft.com/azure/key-vault/general/rest-error-codes and common-error-codes) and
 * of answers quoted in public issues; where neither shows one, the comment says "assumed".
 */
import { AzureFault, type Principal, type VaultResource } from '../service.ts';

const PERMISSION_HELP =
  'For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287';
const NOT_FOUND_HELP =
  'For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182';

export function badParameter(message: string): AzureFault {
  return new AzureFault(400, 'BadParameter', message);
}

export function certificateNotFound(nameOrId: string): AzureFault {
  return notFound('Certificate', 'CertificateNotFound', nameOrId);
}

export function secretNotFound(nameOrId: string): AzureFault {
  return notFound('Secret', 'SecretNotFound', nameOrId);
}

export function keyNotFound(nameOrId: string): AzureFault {
  return notFound('Key', 'KeyNotFound', nameOrId);
}

/** Assumed after {@link secretDisabled}. */
export function keyDisabled(): AzureFault {
  return forbidden('Operation sign is not allowed on a disabled key.', 'KeyDisabled');
}

/** Assumed after "REST API error codes", 403. */
export function keyOutOfTime(): AzureFault {
  return forbidden(
    'Operation sign is not allowed on a key that is expired or not yet valid.',
    'KeyNotYetValidOrExpired',
  );
}

/** azure-sdk-for-net#11518, of `decrypt`. */
export function keyForbids(): AzureFault {
  return forbidden('Operation sign is not permitted on this key.', 'KeyOperationForbidden');
}

/** azure-powershell#15378, azure-sdk-for-js#24756. */
export function secretDisabled(): AzureFault {
  return forbidden('Operation get is not allowed on a disabled secret.', 'SecretDisabled');
}

/** The code is that of "Monitor and manage certificate creation"; the text that of the SDK's own tests. */
export function pendingNotFound(name: string): AzureFault {
  return new AzureFault(
    404,
    'PendingCertificateNotFound',
    `Pending certificate not found: ${name}`,
  );
}

/** "Monitor and manage certificate creation": 409 with the code Forbidden. */
export function pendingInProgress(): AzureFault {
  return new AzureFault(
    409,
    'Forbidden',
    "A new key vault certificate can not be created or imported while a pending key vault certificate's status is inProgress.",
  );
}

/** rcl-letsencrypt-auto-ssl#16, pulumi#14245. */
export function deletedButRecoverable(name: string): AzureFault {
  return new AzureFault(
    409,
    'Conflict',
    `Certificate ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the certificate can only be recovered or purged.`,
    { innerError: { code: 'ObjectIsDeletedButRecoverable' } },
  );
}

/** AzureTRE#1760 quotes the text; the inner code is the documented one. */
export function purgeProtected(vault: VaultResource): AzureFault {
  return forbidden(
    `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: ${vault.name}`,
    'ForbiddenByPolicy',
  );
}

export function forbiddenByRbac(
  principal: Caller,
  action: string,
  vault: VaultResource,
  tenantId: string,
  object: string,
): AzureFault {
  return forbidden(
    [
      'Caller is not authorized to perform action on resource.',
      'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
      `Caller: ${describe(principal, tenantId)}`,
      `Action: '${action}'`,
      `Resource: '${vault.id.toLowerCase()}${object}'`,
      'Assignment: (not found)',
      'DenyAssignmentId: null',
      "DecisionReason: 'DeniedWithNoValidRBAC' ",
      `Vault: ${placed(vault)}`,
      '',
    ].join('\r\n'),
    'ForbiddenByRbac',
  );
}

export function accessDenied(
  principal: Caller,
  kind: string,
  permission: string,
  vault: VaultResource,
  tenantId: string,
): AzureFault {
  return forbidden(
    `The user, group or application '${describe(principal, tenantId)}' does not have ${kind} ${permission} permission on key vault '${placed(vault)}'. ${PERMISSION_HELP}`,
    'AccessDenied',
  );
}

/**
 * AzureTRE#3789; without the bypass the words that Azure DevOps' page on private key vaults quotes.
 * Assumed: the same words within a perimeter.
 */
export function forbiddenByFirewall(
  principal: Caller,
  address: string,
  vault: VaultResource,
  tenantId: string,
): AzureFault {
  const perimeter = vault.properties.publicNetworkAccess === 'SecuredByPerimeter';
  const why =
    vault.properties.networkAcls.bypass === 'None' || perimeter
      ? 'Request was not allowed by NSP rules and the client address is not authorized and caller was ignored because bypass is set to None'
      : 'Client address is not authorized and caller is not a trusted service.';
  return forbidden(
    `${why}\r\nClient address: ${address}\r\nCaller: ${describe(principal, tenantId)}\r\nVault: ${placed(vault)}`,
    'ForbiddenByFirewall',
  );
}

/** secrets-store-csi-driver-provider-azure#873. */
export function forbiddenByConnection(
  principal: Caller,
  vault: VaultResource,
  tenantId: string,
): AzureFault {
  return forbidden(
    `Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: ${describe(principal, tenantId)}\r\nVault: ${placed(vault)}`,
    'ForbiddenByConnection',
  );
}

/** Who is named in a refusal. */
export type Caller = Pick<Extract<Principal, { kind: 'identity' }>, 'objectId'> & {
  readonly clientId?: string;
};

/** Refusals name the vault with its region. */
function placed({ name, location }: VaultResource): string {
  return `${name};location=${location}`;
}

function describe({ clientId, objectId }: Caller, tenantId: string): string {
  return `appid=${clientId ?? objectId};oid=${objectId};iss=https://sts.windows.net/${tenantId}/`;
}

function forbidden(message: string, innerCode: string): AzureFault {
  return new AzureFault(403, 'Forbidden', message, { innerError: { code: innerCode } });
}

function notFound(kind: string, code: string, nameOrId: string): AzureFault {
  const lower = kind.toLowerCase();
  return new AzureFault(
    404,
    code,
    `A ${lower} with (name/id) ${nameOrId} was not found in this key vault. If you recently deleted this ${lower} you may be able to recover it using the correct recovery command. ${NOT_FOUND_HELP}`,
  );
}
