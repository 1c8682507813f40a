import type { DurableClient } from 'durable-functions';
import * as z from 'zod';
import { syncResultSchema } from '../../shared/contracts/sync.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { History, Ledger } from '../../shared/domain/ports.ts';
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
  .extend({ version: z.string().describe('The version that may go out now') })
  .meta({ id: 'Approved' });

/**
 * `POST /api/operations/{id}/approve`: lets the version that an operation held go to its targets.
 * Nothing waits for it: the ledger says from then on that the version may go out, and a sync is
 * asked for. A newer version needs an approval of its own.
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
      'away from the targets until somebody approves it. The approval is for that version alone.',
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
      const { source, version } = heldIn(status.output, params.id, body.version);
      const at = ports.now().toISOString();
      await ports.ledger.approve(source, { version, by, at });
      await ports.history.add({
        source,
        at,
        what: 'approve',
        by,
        version,
        detail: 'Approved, though it does not look like the version before it.',
      });
      const { id } = await ports.requestSync(client, source, by);
      const { operation, headers } = startedAt(id);
      return { status: 202, headers, jsonBody: { id, source, operation, version } };
    },
  });
}

/** The version that an operation held; the engine stored the result, and it is read anew. */
function heldIn(
  output: unknown,
  id: string,
  wanted: string | undefined,
): { source: Source; version: string } {
  const read = syncResultSchema.safeParse(output);
  const result = read.success ? read.data : undefined;
  const held = result?.targets.some(({ problem }) => problem?.code === 'VERSION_HELD') === true;
  if (result?.version === undefined || !held) {
    throw nothingHeld(id, 'it holds no version; one that is still running says so when it is done');
  }
  if (wanted !== undefined && wanted !== result.version) {
    throw nothingHeld(
      id,
      `what it holds is the version ${result.version} of ${formatSource(result.source)}`,
    );
  }
  return { source: result.source, version: result.version };
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
