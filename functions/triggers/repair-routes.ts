import * as z from 'zod';
import {
  noSuchRepair,
  REPAIR_STATUSES,
  type Repair,
  type UndoneRepair,
} from '../../shared/domain/repair.ts';
import type { Repairs } from '../../shared/domain/repair-ports.ts';
import type { RequestedBy } from '../../shared/domain/requested-by.ts';
import { toRequestedBy } from '../../shared/http/caller.ts';
import { limitSchema, takePage } from '../../shared/http/pages.ts';
import {
  repairPageSchema,
  repairViewSchema,
  toRepairView,
  undoneRepairSchema,
} from '../../shared/http/repair-view.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';

export interface RepairRoutePorts {
  readonly repairs: Pick<Repairs, 'find' | 'list'>;
  readonly undo: (input: {
    readonly id: string;
    readonly by: RequestedBy;
  }) => Promise<UndoneRepair>;
}

const ID = /^\d{13}-[0-9a-f]{16}$/;
const idSchema = z.string().max(100).describe('The id of the repair');
const LIMIT = { usual: 50, most: 200 } as const;

const listSchema = z.object({
  service: z
    .string()
    .trim()
    .min(1, { error: 'must be the name of a service' })
    .toLowerCase()
    .exactOptional()
    .describe('Only documents of this API Management service'),
  certificate: z
    .string()
    .regex(/^[^/]+\/[^/]+$/, { error: 'must be vault/name' })
    .toLowerCase()
    .exactOptional()
    .describe('Only what referred to this certificate: vault/name'),
  status: z
    .enum(REPAIR_STATUSES, { error: `must be one of ${REPAIR_STATUSES.join(', ')}` })
    .exactOptional()
    .describe('Only those that stand so'),
  q: z
    .string()
    .min(1, { error: 'must not be empty' })
    .max(200, { error: 'must be 200 characters at most' })
    .exactOptional()
    .describe("Only where this is part of the document's path, in any letter case"),
  limit: limitSchema(LIMIT),
  cursor: z
    .string()
    .regex(ID, { error: 'must be taken from the next address of the page before' })
    .exactOptional()
    .describe('Where the page before ended; taken from its `next`'),
});

/** `GET /api/repairs`: documents that were rewritten, newest first. Read from the ledger. */
export function makeListRepairsRoute(ports: RepairRoutePorts): Route {
  return defineRoute({
    name: 'ListRepairs',
    method: 'GET',
    path: 'repairs',
    role: 'Certkeeper.Read',
    summary: 'Documents that referred by thumbprint and were rewritten',
    description: 'Newest first and page by page, read from the ledger: Azure is not asked.',
    query: listSchema,
    answers: {
      200: {
        description: 'A page of the list',
        schema: repairPageSchema,
        headers: { link: 'The address of the next page, if there is more' },
      },
    },
    problems: [],
    handle: async ({ query, request }) => {
      const { cursor, limit = LIMIT.usual } = query;
      const { items, headers, next } = await takePage(ports.repairs.list(cursor), {
        ...{ path: '/api/repairs', url: request.url, limit },
        passes: ({ repair }) => passes(repair, query),
        cursorOf: ({ repair }) => repair.id,
      });
      const shown = items.map(({ repair }) => toRepairView(repair));
      return { status: 200, headers, jsonBody: { repairs: shown, ...next } };
    },
  });
}

/** `GET /api/repairs/{id}`. */
export function makeShowRepairRoute(ports: RepairRoutePorts): Route {
  return defineRoute({
    name: 'ShowRepair',
    method: 'GET',
    path: 'repairs/{id}',
    role: 'Certkeeper.Read',
    summary: 'One document that was rewritten',
    params: z.object({ id: idSchema }),
    answers: { 200: { description: 'The repair', schema: repairViewSchema } },
    problems: ['NOT_FOUND'],
    handle: async ({ params: { id } }) => {
      const stored = ID.test(id) ? await ports.repairs.find(id) : undefined;
      if (stored === undefined) throw noSuchRepair(id);
      return { status: 200, jsonBody: toRepairView(stored.repair) };
    },
  });
}

/** `POST /api/repairs/{id}/undo`: puts the old document back, if nobody changed it since. */
export function makeUndoRepairRoute(ports: RepairRoutePorts): Route {
  return defineRoute({
    name: 'UndoRepair',
    method: 'POST',
    path: 'repairs/{id}/undo',
    role: 'Certkeeper.Manage',
    summary: 'Put back what a repair replaced',
    description:
      'Only if what is there is still what Certkeeper put there. With ' +
      'CERTKEEPER_REPAIR_REFERENCES=repair the next rotation repairs it again, if the thumbprint ' +
      'in it is the one that is installed then.',
    params: z.object({ id: idSchema }),
    answers: {
      200: { description: 'It is as it was', schema: undoneRepairSchema },
    },
    problems: [
      'AZURE_REFUSED',
      'CERTKEEPER_PERMISSION_MISSING',
      'NOT_FOUND',
      'REPAIR_ENDED',
      'SERVICE_NOT_CONFIGURED',
      'SERVICE_TAKEN',
      'TARGET_CHANGED',
    ],
    handle: async ({ params: { id }, caller }) => {
      if (!ID.test(id)) throw noSuchRepair(id);
      const { repair, note } = await ports.undo({ id, by: toRequestedBy(caller) });
      return {
        status: 200,
        jsonBody: { ...toRepairView(repair), ...(note === undefined ? {} : { note }) },
      };
    },
  });
}

function passes(
  { source, target, status, document }: Repair,
  query: z.output<typeof listSchema>,
): boolean {
  const { service, certificate, status: wanted, q } = query;
  return (
    (service === undefined || target.service === service) &&
    (certificate === undefined || `${source.vault}/${source.name}` === certificate) &&
    (wanted === undefined || status === wanted) &&
    (q === undefined || document.toLowerCase().includes(q.toLowerCase()))
  );
}
