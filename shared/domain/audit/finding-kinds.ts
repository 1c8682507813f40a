/** What is known of each code beforehand: how grave it is as a rule, what it is called, what cures it. */
import type { Severity } from './audit-report.ts';
import type { FindingCode } from './finding-codes.ts';

/** By what findings are cured: those of a group can be dealt with in one go. The order is theirs in lists. */
export const CURE_GROUPS = [
  'renew',
  'sync',
  'access',
  'source',
  'reference',
  'tidy',
  'certkeeper',
] as const;
export type CureGroup = (typeof CURE_GROUPS)[number];

export const CURE_GROUP_TITLES: Readonly<Record<CureGroup, string>> = {
  renew: 'Renew the certificate',
  sync: 'Bring targets up to date',
  access: 'Let the service read the vault',
  source: 'Put the source in order',
  reference: 'Change who refers to it',
  tidy: 'Tidy up',
  certkeeper: 'Put Certkeeper in order',
};

interface FindingKind {
  /** As a rule; a finding may be graver or milder, and says why. */
  readonly severity: Severity;
  /** One line. */
  readonly title: string;
  readonly cure: CureGroup;
}

export const FINDING_KINDS: Readonly<Record<FindingCode, FindingKind>> = {
  EXPIRED: kind('critical', 'renew', 'The certificate has expired'),
  EXPIRES_VERY_SOON: kind('critical', 'renew', 'The certificate expires within days'),
  EXPIRES_SOON: kind('high', 'renew', 'The certificate expires soon'),
  EXPIRES_LATER: kind('medium', 'renew', 'The certificate expires in some weeks'),
  NO_AUTO_RENEWAL: kind('medium', 'renew', 'Nothing will renew the certificate before it expires'),
  UPLOADED_NOT_ROTATING: kind(
    'medium',
    'renew',
    'The certificate was uploaded and will not rotate',
  ),
  STALE_AT_TARGET: kind('high', 'sync', 'The target does not hold the current version'),
  HOSTNAME_STALE: kind('high', 'sync', 'A custom domain does not hold the current version'),
  REFRESH_FAILED: kind('high', 'sync', 'The service failed to read the vault'),
  VERSION_PINNED_AT_TARGET: kind(
    'medium',
    'sync',
    'The reference names a version and will not rotate',
  ),
  BINDING_UNSATISFIED: kind('medium', 'sync', 'A declared binding was never brought about'),
  SYNC_BLOCKED: kind('high', 'sync', 'The last sync could not bring the target up to date'),
  VERSION_HELD: kind('high', 'sync', 'A new version is held until it is approved'),
  VERSION_SUSPECT: kind(
    'medium',
    'source',
    'The current version does not look like the one before',
  ),
  SOURCE_DISABLED: kind('high', 'source', 'The current version is disabled in its vault'),
  SOURCE_SOFT_DELETED: kind('high', 'source', 'The source is deleted and can be recovered'),
  SOURCE_GONE: kind('high', 'source', 'The source is gone from its vault'),
  ORPHANED: kind('high', 'source', 'The target is left over from a source that is gone'),
  SOURCE_VAULT_FOREIGN: kind('low', 'source', 'The vault is not under the care of Certkeeper'),
  VAULT_GONE: kind('high', 'source', 'The vault is gone'),
  VAULT_UNREADABLE: kind('high', 'certkeeper', 'The vault could not be read'),
  SERVICE_UNREADABLE: kind('high', 'certkeeper', 'The service could not be read'),
  SERVICE_TAKEN: kind('medium', 'certkeeper', 'Another installation keeps the service'),
  SERVICE_UNMARKED: kind('low', 'certkeeper', 'Which installation keeps the service is unknown'),
  CERTIFICATE_NOT_EXPORTABLE: kind('high', 'source', 'The private key may not leave the vault'),
  CERTIFICATE_NOT_YET_VALID: kind('medium', 'source', 'The current version is not valid yet'),
  CERTIFICATE_PENDING: kind('medium', 'source', 'The first version is still to be issued'),
  CERTIFICATE_POLICY_CHANGED: kind(
    'low',
    'source',
    'The policy was changed after the version was made',
  ),
  CERTIFICATE_WRONG_TYPE: kind('high', 'source', 'The certificate is not kept as PKCS#12'),
  TAG_UNKNOWN: kind('low', 'source', 'A tag for Certkeeper says nothing that it understands'),
  TARGET_UNREADABLE: kind('medium', 'source', 'A tag names a target that cannot be read'),
  IDENTITY_AMBIGUOUS: kind('high', 'access', 'It is open which identity reads the vault'),
  IDENTITY_MISSING: kind('high', 'access', 'The service has no identity to read the vault'),
  IDENTITY_NAMED_BY_ID: kind(
    'high',
    'access',
    'The reference names the system-assigned identity by its id',
  ),
  IDENTITY_UNKNOWN: kind(
    'high',
    'access',
    'The reference names an identity that the service does not have',
  ),
  PERMISSION_CONDITIONAL: kind(
    'medium',
    'access',
    'The service may read the vault under a condition only',
  ),
  PERMISSION_DENIED: kind('high', 'access', 'A deny assignment keeps the service from the vault'),
  PERMISSION_MISSING: kind('high', 'access', 'The service may not read the vault'),
  POLICIES_IGNORED: kind('low', 'access', 'Access policies have no effect on this vault'),
  POLICY_WRONG_TENANT: kind('high', 'access', 'The access policy is of another tenant'),
  ROLES_IGNORED: kind('low', 'access', 'Roles have no effect on this vault'),
  VAULT_FIREWALL: kind('high', 'access', 'The firewall of the vault keeps the service out'),
  VAULT_PUBLIC_ACCESS_OFF: kind('high', 'access', 'The vault is closed to public networks'),
  SERVICE_DELETING: kind('medium', 'access', 'The service is being deleted'),
  SERVICE_FAILED: kind('medium', 'access', 'The service is in a failed state'),
  TIER_UNSUPPORTED: kind('medium', 'access', 'The tier of the service cannot do this'),
  WORKSPACE_NOT_FOUND: kind('medium', 'access', 'The workspace does not exist'),
  REFERENCE_ELSEWHERE: kind('high', 'reference', 'The target holds something else than its source'),
  REFERENCE_NOT_A_SECRET: kind('high', 'reference', 'The reference is not to a secret'),
  REFERENCE_BROKEN: kind(
    'critical',
    'reference',
    'References by thumbprint do not resolve any more',
  ),
  REFERENCED_BY_THUMBPRINT: kind(
    'medium',
    'reference',
    'References by thumbprint break with the next rotation',
  ),
  KEY_REUSED: kind('medium', 'renew', 'One private key serves several purposes'),
  WEAK_KEY: kind('high', 'renew', 'The key is too weak'),
  WEAK_SIGNATURE: kind('high', 'renew', 'The signature is too weak'),
  CHAIN_BROKEN: kind('medium', 'renew', 'The chain in the vault is incomplete'),
  ISSUER_NOT_IN_CA_STORE: kind(
    'low',
    'tidy',
    'The issuer is not among the CA certificates of the service',
  ),
  CA_WITHOUT_EFFECT: kind('medium', 'tidy', 'CA certificates are stored where they have no effect'),
  SEVERAL_IDS: kind('low', 'tidy', 'One certificate is installed under several ids'),
  USED_BY_NOTHING: kind('low', 'tidy', 'Nothing uses the certificate'),
  NEAR_LIMIT: kind('medium', 'tidy', 'The service is near one of its limits'),
  USAGE_UNKNOWN: kind('low', 'certkeeper', 'It is not known what uses the certificates'),
  CERTKEEPER_FIREWALLED: kind(
    'medium',
    'certkeeper',
    'Certkeeper does not get through the firewall',
  ),
  CERTKEEPER_PERMISSION_MISSING: kind('medium', 'certkeeper', 'Certkeeper lacks a permission'),
  RECORD_UNREADABLE: kind('medium', 'certkeeper', 'A record of Certkeeper cannot be read'),
  ACKNOWLEDGEMENT_UNREADABLE: kind('low', 'certkeeper', 'The tag certkeeper-ack cannot be read'),
  NOTIFICATION_FAILED: kind('high', 'certkeeper', 'A notification could not be delivered'),
  BACKUP_FAILED: kind('high', 'certkeeper', 'The ledger could not be backed up'),
};

function kind(severity: Severity, cure: CureGroup, title: string): FindingKind {
  return { severity, cure, title };
}
