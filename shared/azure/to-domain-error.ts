import { isRestError, type RestError } from '@azure/core-rest-pipeline';
import { connectOwnNetwork, letOwnNetworkIn } from './own-rights.ts';
import { TerminalError, TransientError, type ProblemCode } from '../domain/errors.ts';

/** What was being done, for the sentence that people read. */
export interface Attempt {
  /** A resource: an ARM id, `vault/name` or a target path. */
  readonly resource: string;
  /** "read the vault contoso-kv": completes "Certkeeper may not …". */
  readonly doing: string;
  /** What to do when Certkeeper's own identity is not allowed to. */
  readonly grant: string;
}

/** Conflicts that pass: the service is being changed by somebody (AZURE: `ServiceLocked`). */
const PASSING_CONFLICTS = new Set([
  'ServiceLocked',
  'PessimisticConcurrencyConflict',
  'ManagementApiRequestFailed',
  'OperationInProgress',
  'Conflict',
]);
const CONFLICT_PASSES_AFTER_SECONDS = 30;

/** Mistakes in a program. The clients wrap what goes wrong on the way and in answers. */
const PROGRAMMING_ERRORS = [TypeError, RangeError, ReferenceError, SyntaxError] as const;

/**
 * Turns whatever an Azure client threw into one of the domain's two errors. The only place where
 * status codes mean something.
 *
 * Thrown when it is a mistake in the program, which says nothing of Azure: the error as it came.
 */
export function toDomainError(error: unknown, attempt: Attempt): TerminalError | TransientError {
  if (error instanceof TerminalError || error instanceof TransientError) return error;
  if (PROGRAMMING_ERRORS.some((kind) => error instanceof kind)) throw error;
  const { resource, doing } = attempt;
  const terminal = (code: ProblemCode, message: string, cure?: string): TerminalError =>
    new TerminalError(
      { code, message, resource, ...(cure === undefined ? {} : { cure }) },
      { cause: error },
    );
  const transient = (message: string, retryAfterSeconds?: number): TransientError =>
    new TransientError(
      {
        code: 'AZURE_UNAVAILABLE',
        message,
        resource,
        cure: 'Nothing to do at once: it is tried again, and by the sweep after that.',
      },
      { cause: error, retryAfterSeconds },
    );

  if (error instanceof Error && error.name === 'CredentialUnavailableError') {
    return terminal(
      'CERTKEEPER_PERMISSION_MISSING',
      `Certkeeper has no managed identity to ${doing} with.`,
      'Give the function app an identity, and set AZURE_CLIENT_ID when it is a user-assigned one.',
    );
  }
  if (error instanceof Error && error.name === 'AuthenticationError') {
    return transient(`Certkeeper's managed identity got no token to ${doing} with.`);
  }
  if (!isRestError(error)) return transient(`Azure did not answer the request to ${doing}.`);
  const { statusCode } = error;
  if (statusCode === undefined) return transient(`Azure did not answer the request to ${doing}.`);

  const { code, message } = serviceError(error);
  const words = message === '' ? '' : ` It says: ${message}`;
  const wall = statusCode === 403 ? firewallOf(error) : undefined;
  if (wall !== undefined) {
    const [how, cure] =
      wall === 'private'
        ? ['takes no calls from public networks', connectOwnNetwork(resource)]
        : ['has a firewall', letOwnNetworkIn(resource)];
    const vault = resource.slice(resource.lastIndexOf('/') + 1);
    return terminal(
      'CERTKEEPER_FIREWALLED',
      `${vault} ${how}, which keeps Certkeeper itself out: it cannot ${doing}.${words}`,
      cure,
    );
  }
  if (statusCode === 401 || statusCode === 403) {
    return terminal(
      'CERTKEEPER_PERMISSION_MISSING',
      `Certkeeper itself may not ${doing}.${words}`,
      attempt.grant,
    );
  }
  if (statusCode === 408 || statusCode === 429 || statusCode >= 500) {
    return transient(
      `Azure answered ${String(statusCode)} to the request to ${doing}.`,
      retryAfter(error),
    );
  }
  if (statusCode === 409 && PASSING_CONFLICTS.has(code)) {
    return transient(
      `The resource is being changed by somebody else; it was not possible to ${doing}.`,
      retryAfter(error) ?? CONFLICT_PASSES_AFTER_SECONDS,
    );
  }
  if (statusCode === 412) {
    return terminal(
      'TARGET_CHANGED',
      `Somebody else changed it at the same moment, so Certkeeper did not ${doing}.`,
      'Sync it again.',
    );
  }
  return terminal(
    'AZURE_REFUSED',
    `Azure refused to ${doing} (${String(statusCode)} ${code}).${words}`,
  );
}

/** The status of a failed request; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return isRestError(error) ? error.statusCode : undefined;
}

/** Azure's error code and text: `{"error":{"code","message"}}`, whichever client read it. */
export function serviceError(error: RestError): {
  readonly code: string;
  readonly message: string;
} {
  // `details` is the parsed body, of a shape that only the service knows.
  const details = error.details as
    | { code?: unknown; message?: unknown; error?: { code?: unknown; message?: unknown } }
    | undefined;
  const inner = details?.error ?? details;
  const code = typeof inner?.code === 'string' ? inner.code : (error.code ?? '');
  const message = typeof inner?.message === 'string' ? inner.message : '';
  return { code, message: message.replaceAll(/\s+/g, ' ').slice(0, 600) };
}

/**
 * Whether a vault's 403 is about the network: its inner code says so, or else its words, which are
 * the ones that people quote (azure-docs on Azure DevOps and private key vaults; AzureTRE#3789).
 */
function firewallOf(error: RestError): 'public' | 'private' | undefined {
  // `details` is the parsed body; the vault's client renames `innererror`.
  const details = error.details as
    { error?: { innererror?: { code?: unknown }; innerError?: { code?: unknown } } } | undefined;
  const inner = details?.error?.innererror ?? details?.error?.innerError;
  const { message } = serviceError(error);
  if (
    inner?.code === 'ForbiddenByConnection' ||
    /public network access is disabled/i.test(message)
  ) {
    return 'private';
  }
  return inner?.code === 'ForbiddenByFirewall' ||
    /client address\b.*\bis not authorized/i.test(message)
    ? 'public'
    : undefined;
}

function retryAfter(error: RestError): number | undefined {
  const header = error.response?.headers.get('retry-after');
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1_000);
}
