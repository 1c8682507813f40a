import { PROBLEM_CODES } from '../errors.ts';

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
  'VAULT_UNREADABLE',
  'SERVICE_UNREADABLE',
  'ORPHANED',
  'CA_WITHOUT_EFFECT',
  'REFERENCED_BY_THUMBPRINT',
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
  'NOTIFICATION_FAILED',
] as const;
export type AuditCode = (typeof AUDIT_CODES)[number];

export const FINDING_CODES = [...AUDIT_CODES, ...PROBLEM_CODES] as const;
export type FindingCode = (typeof FINDING_CODES)[number];
