import type { ProblemCode } from '../errors.ts';

/**
 * What only an audit finds. Never renamed once released. Besides these an audit repeats what syncs,
 * sweeps and access checks know, by the code that it has there.
 */
export const AUDIT_CODES = [
  /** Within the shortest of the configured times. */
  'EXPIRES_VERY_SOON',
  'EXPIRES_SOON',
  'EXPIRES_LATER',
  'EXPIRED',
  /** The target holds another thumbprint than its source. */
  'STALE_AT_TARGET',
  'REFRESH_FAILED',
  'VERSION_PINNED_AT_TARGET',
  'UPLOADED_NOT_ROTATING',
  'SOURCE_DISABLED',
  'SOURCE_SOFT_DELETED',
  'SOURCE_GONE',
  'SOURCE_VAULT_FOREIGN',
  'VAULT_GONE',
  'VAULT_UNREADABLE',
  'SERVICE_UNREADABLE',
  /** Another installation keeps it; whether one does cannot be told. */
  'SERVICE_TAKEN',
  'SERVICE_UNMARKED',
  'ORPHANED',
  'CA_WITHOUT_EFFECT',
  'REFERENCED_BY_THUMBPRINT',
  /** What refers by a thumbprint that a rotation replaced. */
  'REFERENCE_BROKEN',
  'USED_BY_NOTHING',
  'USAGE_UNKNOWN',
  'WEAK_KEY',
  'WEAK_SIGNATURE',
  'CHAIN_BROKEN',
  'ISSUER_NOT_IN_CA_STORE',
  'SEVERAL_IDS',
  'KEY_REUSED',
  'HOSTNAME_STALE',
  'NEAR_LIMIT',
  'NO_AUTO_RENEWAL',
  'BINDING_UNSATISFIED',
  /** A target that was verified before, and that the last sync could not deal with. */
  'SYNC_BLOCKED',
  'ACKNOWLEDGEMENT_UNREADABLE',
  'NOTIFICATION_FAILED',
  'BACKUP_FAILED',
] as const;
export type AuditCode = (typeof AUDIT_CODES)[number];

/** What access checks and syncs know, and an audit repeats. */
export const REPEATED_CODES = [
  'CERTIFICATE_NOT_EXPORTABLE',
  'CERTIFICATE_NOT_YET_VALID',
  'CERTIFICATE_PENDING',
  'CERTIFICATE_POLICY_CHANGED',
  'CERTIFICATE_WRONG_TYPE',
  'CERTKEEPER_FIREWALLED',
  'CERTKEEPER_PERMISSION_MISSING',
  'IDENTITY_AMBIGUOUS',
  'IDENTITY_MISSING',
  'IDENTITY_NAMED_BY_ID',
  'IDENTITY_UNKNOWN',
  'PERMISSION_CONDITIONAL',
  'PERMISSION_DENIED',
  'PERMISSION_MISSING',
  'POLICIES_IGNORED',
  'POLICY_WRONG_TENANT',
  'RECORD_UNREADABLE',
  'REFERENCE_ELSEWHERE',
  'REFERENCE_NOT_A_SECRET',
  'ROLES_IGNORED',
  'SERVICE_DELETING',
  'SERVICE_FAILED',
  'TAG_UNKNOWN',
  'TARGET_UNREADABLE',
  'TIER_UNSUPPORTED',
  'VAULT_FIREWALL',
  'VAULT_PUBLIC_ACCESS_OFF',
  'VERSION_HELD',
  'VERSION_SUSPECT',
  'WORKSPACE_NOT_FOUND',
] as const satisfies readonly ProblemCode[];
export type RepeatedCode = (typeof REPEATED_CODES)[number];

export const FINDING_CODES = [...AUDIT_CODES, ...REPEATED_CODES] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

const REPEATED: ReadonlySet<string> = new Set(REPEATED_CODES);

export function isRepeated(code: ProblemCode): code is RepeatedCode {
  return REPEATED.has(code);
}
