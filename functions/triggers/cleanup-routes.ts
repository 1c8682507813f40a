import * as z from 'zod';
import { requireService } from './require-service.ts';
import { undoCleanup, type UndoPorts } from './undo-cleanup.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { Cleanups, StoredCleanup } from '../../shared/domain/cleanup-ports.ts';
import type { Ledger } from '../../shared/domain/ledger-ports.ts';
import { formatSource } from '../../shared/domain/source.ts';
import { formatTarget } from '../../shared/domain/target.ts';
import { toRequestedBy } from '../../shared/http/caller.ts';
import {
  cleanupIdSchema,
  cleanupLimit,
  cleanupPageSchema,
  cleanupQuerySchema,
  cleanupSchema,
  orphansConfirmedSchema,
  toCleanupView,
  undoneSchema,
} from '../../shared/http/cleanup-view.ts';
import { takePage } from '../../shared/http/pages.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';
import { startedAt, STARTED_HEADERS } from '../../shared/http/started.ts';

export interface CleanupRoutePorts extends UndoPorts {
  /** Names of the services under care. */
  readonly services: ReadonlySet<string>;
  readonly cleanups: Pick<Cleanups, 'confirm' | 'find' | 'list' | 'replace'>;
  readonly ledger: Pick<Ledger, 'binding' | 'claimsOf' | 'ofSource' | 'saveOrphans'>;
}

const params = z.object({ id: cleanupIdSchema });

/** `GET /api/cleanups`: what was removed since its source was gone, page by page. */
export function makeListCleanupsRoute({ cleanups }: Pick<CleanupRoutePorts, 'cleanups'>): Route {
  return defineRoute({
    name: 'ListCleanups',
    method: 'GET',
    path: 'cleanups',
    role: 'Certkeeper.Read',
    summary: 'What was removed after its source was deleted',
    description: 'Page by page, those first whose source was found gone last.',
    query: cleanupQuerySchema,
    answers: {
      200: {
        description: 'A page of the list',
        schema: cleanupPageSchema,
        headers: { link: 'The address of the next page, if there is more' },
      },
    },
    problems: [],
    handle: async ({ query, request }) => {
      const { service, status, cursor, limit = cleanupLimit.usual } = query;
      const { items, headers, next } = await takePage(cleanups.list(cursor), {
        ...{ path: '/api/cleanups', url: request.url, limit },
        passes: ({ cleanup }) =>
          (service === undefined || cleanup.target.service === service) &&
          (status === undefined || cleanup.status === status),
        cursorOf: ({ cleanup }) => cleanup.id,
      });
      const shown = items.map(({ cleanup }) => toCleanupView(cleanup));
      return { status: 200, headers, jsonBody: { cleanups: shown, ...next } };
    },
  });
}

/** `GET /api/cleanups/{id}`. */
export function makeShowCleanupRoute({ cleanups }: Pick<CleanupRoutePorts, 'cleanups'>): Route {
  return defineRoute({
    name: 'ShowCleanup',
    method: 'GET',
    path: 'cleanups/{id}',
    role: 'Certkeeper.Read',
    summary: 'One removal, with what it takes to undo it',
    params,
    answers: { 200: { description: 'The removal', schema: cleanupSchema } },
    problems: ['NOT_FOUND'],
    handle: async ({ params: { id } }) => {
      const { cleanup } = await findCleanup(cleanups, id);
      return { status: 200, jsonBody: toCleanupView(cleanup) };
    },
  });
}

/**
 * `POST /api/cleanups/{id}/undo`: binds what was removed to its source again, and syncs it. Asked
 * again it does the same.
 */
export function makeUndoCleanupRoute(ports: CleanupRoutePorts): Route {
  return defineRoute({
    name: 'UndoCleanup',
    method: 'POST',
    path: 'cleanups/{id}/undo',
    role: 'Certkeeper.Manage',
    summary: 'Put back what was removed',
    description:
      'While the source is there, or can be recovered: the binding is put back as it was, beyond ' +
      'CERTKEEPER_ALLOW where that does not allow it, and a sync installs the current version.',
    params,
    body: z.object({
      recover: z
        .boolean()
        .exactOptional()
        .describe('Recover the certificate in its vault first, if it is deleted'),
    }),
    answers: {
      202: { description: 'The sync runs', schema: undoneSchema, headers: STARTED_HEADERS },
    },
    problems: [
      'CERTIFICATE_DELETED',
      'CERTKEEPER_PERMISSION_MISSING',
      'CLEANUP_ENDED',
      'NOT_FOUND',
      'SERVICE_NOT_CONFIGURED',
      'TARGET_TAKEN',
      'VAULT_NOT_CONFIGURED',
    ],
    handle: async ({ params: { id }, body: { recover = false }, caller, client }) => {
      const stored = await findCleanup(ports.cleanups, id);
      const by = toRequestedBy(caller);
      const sync = await undoCleanup(ports, stored, { recover, by, client });
      const { source, target } = stored.cleanup;
      const { operation, headers } = startedAt(sync);
      return {
        status: 202,
        headers,
        jsonBody: { id: sync, source, operation, cleanup: id, target: formatTarget(target) },
      };
    },
  });
}

/**
 * `POST /api/services/{service}/orphans/confirm`: what became orphans at a service until now is
 * right so. The sweeps go on with it by the policy.
 */
export function makeConfirmOrphansRoute(ports: CleanupRoutePorts): Route {
  return defineRoute({
    name: 'ConfirmOrphans',
    method: 'POST',
    path: 'services/{service}/orphans/confirm',
    role: 'Certkeeper.Manage',
    summary: 'Confirm that so many sources are meant to be gone',
    description:
      'Where too many targets of a service lose their sources within a day, nothing of it is ' +
      'removed until somebody confirms it. What becomes an orphan later is judged anew.',
    params: z.object({
      service: z.string().min(1).max(50).describe('The name of a service under care'),
    }),
    answers: {
      200: { description: 'What was doubted is not any more', schema: orphansConfirmedSchema },
    },
    problems: ['SERVICE_NOT_CONFIGURED'],
    handle: async ({ params: { service: asked }, caller }) => {
      const service = requireService(asked, ports.services);
      const at = ports.now().toISOString();
      const by = toRequestedBy(caller);
      // What counts is this row; that the doubt is gone from the others is for who looks at them.
      await ports.cleanups.confirm(service, { at, by });
      const confirmed = await clearDoubts(ports, service, { at, by });
      return { status: 200, jsonBody: { service, at, confirmed } };
    },
  });
}

async function clearDoubts(
  { ledger, history }: CleanupRoutePorts,
  service: string,
  { at, by }: { readonly at: string; readonly by: ReturnType<typeof toRequestedBy> },
) {
  const confirmed = [];
  const sources = new Map(
    [...(await ledger.claimsOf(service)).values()].map((one) => [formatSource(one), one]),
  );
  for (const source of sources.values()) {
    const { orphans = [] } = await ledger.ofSource(source);
    for (const orphan of orphans) {
      const { doubted, kept: _, ...rest } = orphan;
      const here = 'service' in orphan.target && orphan.target.service === service;
      if (doubted === undefined || !here) continue;
      await ledger.saveOrphans(source, [rest]);
      const target = formatTarget(orphan.target);
      await history.add({
        ...{ source, at, by, what: 'orphan' },
        targets: [{ target, outcome: 'confirmed', reason: 'Asked' }],
      });
      confirmed.push({ source, target });
    }
  }
  return confirmed;
}

async function findCleanup(cleanups: Pick<Cleanups, 'find'>, id: string): Promise<StoredCleanup> {
  const stored = await cleanups.find(id);
  if (stored !== undefined) return stored;
  throw new TerminalError({
    code: 'NOT_FOUND',
    message: `There is no clean-up ${id}.`,
    resource: id,
    cure: 'Take the id from the list: GET /api/cleanups',
  });
}
