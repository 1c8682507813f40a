import type { DurableClient } from 'durable-functions';
import * as z from 'zod';
import { syncResultSchema } from '../../shared/contracts/sync.ts';
import { APPROVAL_HOURS, approvalEnds } from '../../shared/domain/breaking.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { HeldFor, History, Ledger } from '../../shared/domain/ledger-ports.ts';
import type { RequestedBy } from '../../shared/domain/requested-by.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import type { findStatus } from '../../shared/durable/start-once.ts';
import { toRequestedBy } from '../../shared/http/caller.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';
import { startedAt, STARTED_HEADERS, syncStartedSchema } from '../../shared/http/started.ts';

export interface ApproveRoutePorts {
  readonly findStatus: (client: DurableClient, id: string) => ReturnType<typeof findStatus>;
  readonly ledger: Pick<Ledger, 'approve'>;
  readonly history: Pick<History, 'add'>;
  readonly requestSync: (
    client: DurableClient,
    source: Source,
    by: RequestedBy,
  ) => Promise<{ id: string }>;
  readonly now: () => Date;
}

const approvedSchema = syncStartedSchema
  .extend({
    version: z.string().describe('The version that may go out now'),
    until: z
      .string()
      .exactOptional()
      .describe('Until when that counts, ISO 8601, UTC; absent = without a limit'),
  })
  .meta({ id: 'Approved' });

/**
 * `POST /api/operations/{id}/approve`: lets the version that an operation held go to its targets,
 * be it held for how it looks or for the references that its rotation breaks. Nothing waits for it:
 * the ledger says from then on that the version may go out, and a sync is asked for. A newer version
 * needs an approval of its own.
 */
export function makeApproveRoute(ports: ApproveRoutePorts): Route {
  return defineRoute({
    name: 'ApproveVersion',
    method: 'POST',
    path: 'operations/{id}/approve',
    role: 'Certkeeper.Manage',
    summary: 'Approve a version that was held',
    description:
      'With CERTKEEPER_ON_SUSPECT=hold a version that does not look like the one before it stays ' +
      'away from the targets until somebody approves it; with CERTKEEPER_HOLD_IF_BREAKING=true so ' +
      'does one whose rotation would break references by thumbprint. The approval is for that ' +
      'version and that reason alone; leave to break references counts for ' +
      `${APPROVAL_HOURS} hours.`,
    params: z.object({ id: z.string().min(1).max(100).describe('The id of the operation') }),
    body: z.object({
      version: z
        .string()
        .exactOptional()
        .describe('The version that is meant; another than the one that is held is refused'),
    }),
    answers: {
      202: { description: 'The sync runs', schema: approvedSchema, headers: STARTED_HEADERS },
    },
    problems: ['NOTHING_HELD', 'NOT_FOUND', 'SYNC_FAILED'],
    handle: async ({ params, body, caller, client }) => {
      const by = toRequestedBy(caller);
      const status = await ports.findStatus(client, params.id);
      if (status === undefined) throw noSuchOperation(params.id);
      const { source, version, held } = heldIn(status.output, params.id, body.version);
      const at = ports.now().toISOString();
      await ports.ledger.approve(source, { version, by, at }, held);
      await ports.history.add({
        source,
        at,
        what: 'approve',
        by,
        version,
        detail: DETAIL[held],
      });
      const { id } = await ports.requestSync(client, source, by);
      const { operation, headers } = startedAt(id);
      const until = held === 'breaking' ? { until: approvalEnds(at) } : {};
      return { status: 202, headers, jsonBody: { id, source, operation, version, ...until } };
    },
  });
}

const DETAIL: Readonly<Record<HeldFor, string>> = {
  looks: 'Approved, though it does not look like the version before it.',
  breaking: `Approved for ${String(APPROVAL_HOURS)} hours, though its rotation breaks references by thumbprint.`,
};

/** The version that an operation held; the engine stored the result, and it is read anew. */
function heldIn(
  output: unknown,
  id: string,
  wanted: string | undefined,
): { source: Source; version: string; held: HeldFor } {
  const read = syncResultSchema.safeParse(output);
  const result = read.success ? read.data : undefined;
  const held = result?.targets.some(({ reason }) => reason === 'VersionHeld')
    ? 'looks'
    : result?.targets.some(({ reason }) => reason === 'WouldBreak')
      ? 'breaking'
      : undefined;
  if (result?.version === undefined || held === undefined) {
    throw nothingHeld(id, 'it holds no version; one that is still running says so when it is done');
  }
  if (wanted !== undefined && wanted !== result.version) {
    throw nothingHeld(
      id,
      `what it holds is the version ${result.version} of ${formatSource(result.source)}`,
    );
  }
  return { source: result.source, version: result.version, held };
}

function nothingHeld(id: string, why: string): TerminalError {
  return new TerminalError({
    code: 'NOTHING_HELD',
    message: `The operation ${id} has nothing of the kind to approve: ${why}.`,
    resource: id,
    cure: `Look at it: GET /api/operations/${id}`,
  });
}

function noSuchOperation(id: string): TerminalError {
  return new TerminalError({
    code: 'NOT_FOUND',
    message: `There is no operation ${id.slice(0, 100)}.`,
    cure: 'Ask for a sync of the certificate; its answer names the operation.',
  });
}
