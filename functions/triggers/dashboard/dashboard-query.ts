import * as z from 'zod';
import { CERTIFICATE_STATUSES, LIST_ORDERS } from '../../../shared/domain/certificate-list.ts';
import type { DashboardQuery } from '../../../shared/report/dashboard/dashboard-view.ts';

/**
 * What the dashboard's address may ask for. It is written by people and by forms: a field that was
 * left empty says nothing, and a value that nobody knows is passed over.
 */
export const dashboardQuerySchema = z.object({
  q: z
    .string()
    .trim()
    .exactOptional()
    .describe("Only where this is part of vault/name, of the thumbprint, or of a target's path"),
  status: z
    .string()
    .exactOptional()
    .describe(`One of ${CERTIFICATE_STATUSES.join(', ')}`),
  sort: z
    .string()
    .exactOptional()
    .describe(`One of ${LIST_ORDERS.join(', ')}; status by default`),
  page: z.string().exactOptional().describe('From 1'),
});

const LONGEST_TEXT = 200;

export function toDashboardQuery({
  q = '',
  status,
  sort,
  page,
}: z.infer<typeof dashboardQuerySchema>): DashboardQuery {
  const text = q.slice(0, LONGEST_TEXT);
  const known = CERTIFICATE_STATUSES.find((one) => one === status);
  const number = Number(page ?? 1);
  return {
    ...(text === '' ? {} : { text }),
    ...(known === undefined ? {} : { status: known }),
    order: LIST_ORDERS.find((one) => one === sort) ?? 'status',
    page: Number.isSafeInteger(number) && number > 0 ? number : 1,
  };
}
