/** Which certificates of the ledger a page of the dashboard shows. */
import type { CertificateSlice, DashboardQuery, StatusCounts } from './dashboard-view.ts';
import {
  CERTIFICATE_STATUSES,
  certificateStatus,
  comparePlaces,
  placeInList,
  selectForList,
  type ListedCertificate,
  type ListFilter,
} from '../../domain/certificate-list.ts';
import type { LedgerEntry } from '../../domain/ledger-ports.ts';

/** A screen or two at a desk. */
export const ROWS_ON_A_PAGE = 50;

/** The page that a query asks for; the last one when it asks for one beyond it. */
export function selectPage(
  entries: readonly LedgerEntry[],
  { text, status, order, page }: DashboardQuery,
): CertificateSlice {
  const filter: ListFilter = text === undefined ? {} : { text };
  const fitting = entries
    .map((entry) => selectForList(entry, filter))
    .filter((one): one is ListedCertificate => one !== undefined)
    // A certificate counts by how it stands as a whole, and is shown with all that fits the text.
    .filter((one) => status === undefined || one.status === status)
    .map((one) => ({ one, place: placeInList(one, order) }))
    .sort((a, b) => comparePlaces(a.place, b.place, order))
    .map(({ one }) => one);
  const pages = Math.max(1, Math.ceil(fitting.length / ROWS_ON_A_PAGE));
  const shown = Math.min(Math.max(1, page), pages);
  const before = (shown - 1) * ROWS_ON_A_PAGE;
  return {
    rows: fitting.slice(before, before + ROWS_ON_A_PAGE),
    ...{ before, total: fitting.length, page: shown, pages },
  };
}

/** How many certificates stand how. */
export function countStatuses(entries: readonly LedgerEntry[]): StatusCounts {
  const counts = Object.fromEntries(CERTIFICATE_STATUSES.map((status) => [status, 0]));
  for (const entry of entries) {
    const status = certificateStatus(entry);
    if (status !== undefined) counts[status] = (counts[status] ?? 0) + 1;
  }
  // Every status was put in above.
  return counts as StatusCounts;
}
