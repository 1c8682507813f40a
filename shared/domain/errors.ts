/** Every code that an answer, an operation or a finding may carry. Never renamed once released. */
export const PROBLEM_CODES = [
  'APPLICATION_NOT_CONFIGURED',
  'APPLICATION_NOT_FOUND',
  'AZURE_UNAVAILABLE',
  'AZURE_REFUSED',
  'BACKUP_UNREADABLE',
  'BINDING_DISCOVERED',
  'BINDING_NOT_ALLOWED',
  'BINDING_NOT_FOUND',
  'BINDING_TAGGED',
  'BODY_TOO_LARGE',
  'CA_ENTRIES_UNKNOWN',
  'CA_ENTRY_BOUND',
  'CA_ENTRY_NOT_FOUND',
  'CA_LIMIT_REACHED',
  'CA_MAY_BE_NEEDED',
  'CA_STORE_UNUSUAL',
  'CA_STORE_WITHOUT_EFFECT',
  'CA_UNMARKED',
  'CA_UPDATE_DOWNTIME',
  'CA_UPDATE_UNFINISHED',
  'CERTIFICATES_SEVERAL',
  'CERTIFICATE_DELETED',
  'CERTIFICATE_EXISTS',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_MISSING',
  'CERTIFICATE_NOT_EXPORTABLE',
  'CERTIFICATE_NOT_SELF_SIGNED',
  'CERTIFICATE_NOT_YET_VALID',
  'CERTIFICATE_PENDING',
  'CERTIFICATE_POLICY_CHANGED',
  'CERTIFICATE_WRONG_TYPE',
  'CERTKEEPER_FIREWALLED',
  'CERTKEEPER_PERMISSION_MISSING',
  'CHAIN_INCOMPLETE',
  'CHAIN_OUT_OF_ORDER',
  'CLEANUP_ENDED',
  'CONTENT_TYPE_UNSUPPORTED',
  'CROSS_SITE_REQUEST',
  'CURRENT_VERSION_DISABLED',
  'FILE_TOO_COSTLY',
  'FILE_TOO_LARGE',
  'FILE_UNREADABLE',
  'FORM_TRUNCATED',
  'FORM_UNREADABLE',
  'GRANT_IN_USE',
  'GRANT_WITHHELD',
  'IDEMPOTENCY_KEY_BUSY',
  'IDEMPOTENCY_KEY_REUSED',
  'IDENTITY_AMBIGUOUS',
  'IDENTITY_MISSING',
  'IDENTITY_NAMED_BY_ID',
  'IDENTITY_UNKNOWN',
  'IMPORT_REFUSED',
  'INTERNAL_ERROR',
  'INVALID_REQUEST',
  'NAME_SOFT_DELETED',
  'KEYS_LOST',
  'KEYS_REFUSED',
  'KEY_NOT_ACCEPTED',
  'KEY_NOT_FOUND',
  'KEY_TOO_WEAK',
  'KEY_TYPE_UNSUPPORTED',
  'LAST_READ_FAILED',
  'LEDGER_NOT_EMPTY',
  'NEEDS_IDENTITIES',
  'NOTHING_HELD',
  'NOTIFICATION_REFUSED',
  'NOTIFICATION_UNDELIVERED',
  'NOT_A_CA',
  'NOT_FOUND',
  'NOT_SIGNED_IN',
  'NOT_ROTATING',
  'NOT_VERIFIED',
  'ORPHANS_DOUBTED',
  'PASSWORD_WRONG',
  'PERMISSION_CONDITIONAL',
  'PERMISSION_DENIED',
  'PERMISSION_MISSING',
  'PERMISSION_PROPAGATING',
  'POLICIES_IGNORED',
  'POLICY_WRONG_TENANT',
  'PRIVATE_KEYS_SEVERAL',
  'PRIVATE_KEY_DROPPED',
  'PRIVATE_KEY_MISMATCH',
  'PRIVATE_KEY_MISSING',
  'PRIVATE_KEY_PRESENT',
  'RECORD_UNREADABLE',
  'REFERENCES_WOULD_BREAK',
  'REFERENCE_ELSEWHERE',
  'REFERENCE_NOT_A_SECRET',
  'REFERENCE_PINNED',
  'REFERENCE_RESOLVES',
  'REFERENCE_UNREPAIRABLE',
  'REPAIR_ENDED',
  'ROLES_IGNORED',
  'ROLE_MISSING',
  'SERVICE_CHANGED_UNEXPECTEDLY',
  'SERVICE_DELETING',
  'SERVICE_FAILED',
  'SERVICE_NOT_CONFIGURED',
  'SERVICE_NOT_FOUND',
  'SERVICE_TAKEN',
  'SERVICE_UNMARKED',
  'SERVICE_UPDATING',
  'SIGNATURE_TOO_WEAK',
  'SIGN_IN_NOT_SET_UP',
  'SOURCE_NOT_FOUND',
  'SOURCE_NOT_ALLOWED',
  'SYNC_FAILED',
  'TAG_FORBIDS',
  'TAG_UNKNOWN',
  'TARGET_CHANGED',
  'TARGET_IN_USE',
  'TARGET_MAY_BE_IN_USE',
  'TARGET_ORPHANED',
  'TARGET_RETIRED',
  'TARGET_TAKEN',
  'TARGET_UNREADABLE',
  'TARGET_UNSUPPORTED',
  'TIER_UNSUPPORTED',
  'UPLOAD_UNFINISHED',
  'USAGE_UNKNOWN',
  'VAULT_DELETED',
  'VAULT_FIREWALL',
  'VAULT_NOT_CONFIGURED',
  'VAULT_NOT_FOUND',
  'VAULT_PUBLIC_ACCESS_OFF',
  'VERSION_DISABLED',
  'VERSION_HELD',
  'VERSION_NOT_FOUND',
  'VERSION_SUSPECT',
  'WORKSPACE_NOT_FOUND',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** What is wrong, on which resource, and what the reader can do. Safe to show to any caller. */
export interface Problem {
  readonly code: ProblemCode;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** The resource it concerns: an ARM id, a vault address or a target path. */
  readonly resource?: string;
  /** What the reader can do; a command wherever one exists. */
  readonly cure?: string;
}

/** Thrown when asking again will not help. */
export class TerminalError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'TerminalError';
    this.problem = problem;
  }
}

/** Thrown when the same call may succeed later. */
export class TransientError extends Error {
  readonly problem: Problem;
  /** What the service asked for (`Retry-After`), in seconds. */
  readonly retryAfterSeconds: number | undefined;
  constructor(
    problem: Problem,
    options?: ErrorOptions & { retryAfterSeconds?: number | undefined },
  ) {
    super(problem.message, options);
    this.name = 'TransientError';
    this.problem = problem;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

/** Where an unforeseen error happened, without what it said: its message may quote data. */
export function describeUnforeseen(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 6)].join('\n');
}
