import {
  comparePlaces,
  placeInList,
  selectForList,
  type ListedCertificate,
  type ListFilter,
  type ListPlace,
} from '../../shared/domain/certificate-list.ts';
import type { Ledger } from '../../shared/domain/ledger-ports.ts';
import { syncInstanceId } from '../../shared/durable/instance-id.ts';
import { chooseMediaType } from '../../shared/http/accept.ts';
import { certificatePageSchema, toCertificateView } from '../../shared/http/certificate-view.ts';
import {
  LIST_LIMIT,
  listQuerySchema,
  readCursor,
  readMoment,
  writeCursor,
  type ListQuery,
} from '../../shared/http/list-query.ts';
import { toNextPage } from '../../shared/http/next-page.ts';
import { RequestError } from '../../shared/http/request-error.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';
import { toCertificateTable } from '../../shared/report/certificate-table.ts';

export interface ListCertificatesPorts {
  readonly ledger: Pick<Ledger, 'all'>;
  readonly now: () => Date;
}

/**
 * `GET /api/certificates`: the certificates that the ledger knows, filtered, ordered and page by
 * page, as JSON or as CSV. Read from the ledger alone: Azure is not asked.
 */
export function makeListCertificatesRoute(ports: ListCertificatesPorts): Route {
  return defineRoute({
    name: 'ListCertificates',
    method: 'GET',
    path: 'certificates',
    role: 'Certkeeper.Read',
    summary: 'The certificates that Certkeeper knows, with their bindings',
    description: 'Filtered, ordered and page by page, read from the ledger: Azure is not asked.',
    query: listQuerySchema,
    answers: {
      200: {
        description: 'A page of the list; as CSV all of it, unless there is a limit',
        schema: certificatePageSchema,
        contentTypes: ['text/csv'],
        headers: { link: 'The address of the next page, if there is more' },
      },
    },
    problems: [],
    handle: async ({ query, request }) => {
      const type = chooseMediaType(request.headers.get('accept'), ['application/json', 'text/csv']);
      // A spreadsheet has no pages.
      const usual = type === 'text/csv' ? Infinity : LIST_LIMIT.usual;
      const { certificates, end } = await listCertificates(ports, query, query.limit ?? usual);
      const cursor = end === undefined ? undefined : writeCursor(query.sort, end);
      const { headers: links, next } = toNextPage('/api/certificates', request.url, cursor);
      const headers = { vary: 'accept', ...links };
      if (type === 'text/csv') {
        return {
          status: 200,
          headers: {
            ...headers,
            'content-type': 'text/csv; charset=utf-8; header=present',
            'content-disposition': 'attachment; filename="certificates.csv"',
          },
          body: toCertificateTable(certificates),
        };
      }
      return {
        status: 200,
        headers,
        jsonBody: {
          certificates: certificates.map((one) =>
            toCertificateView(one, syncInstanceId(one.record.source)),
          ),
          ...next,
        },
      };
    },
  });
}

/**
 * One page of the list. By name the ledger is read from where the page begins to where it is full;
 * in any other order all of it is read.
 * @returns `end`: where the page ends, if there is more
 * Thrown when the cursor is of a list in another order: RequestError.
 */
async function listCertificates(
  { ledger, now }: ListCertificatesPorts,
  query: ListQuery,
  limit: number,
): Promise<{ readonly certificates: readonly ListedCertificate[]; readonly end?: ListPlace }> {
  const filter = toFilter(query, now());
  const order = query.sort;
  const begin = beginOf(query);
  const inTurn = order === 'name';
  const found: ListedCertificate[] = [];
  for await (const entry of ledger.all(filter.vault, inTurn ? begin?.source : undefined)) {
    const listed = selectForList(entry, filter);
    if (listed === undefined) continue;
    if (begin !== undefined && comparePlaces(placeInList(listed, order), begin, order) <= 0) {
      continue;
    }
    found.push(listed);
    if (inTurn && found.length > limit) break;
  }
  if (!inTurn) {
    found.sort((a, b) => comparePlaces(placeInList(a, order), placeInList(b, order), order));
  }
  const certificates = found.slice(0, limit);
  const last = certificates.at(-1);
  return found.length > limit && last !== undefined
    ? { certificates, end: placeInList(last, order) }
    : { certificates };
}

function toFilter({ vault, service, status, expiresBefore, q }: ListQuery, now: Date): ListFilter {
  const before = expiresBefore === undefined ? undefined : readMoment(expiresBefore, now);
  return {
    ...(vault === undefined ? {} : { vault }),
    ...(service === undefined ? {} : { service }),
    ...(status === undefined ? {} : { statuses: status }),
    ...(before === undefined ? {} : { expiresBefore: before }),
    ...(q === undefined ? {} : { text: q }),
  };
}

function beginOf({ cursor, sort }: ListQuery): ListPlace | undefined {
  const begin = cursor === undefined ? undefined : readCursor(cursor);
  if (begin !== undefined && begin.order !== sort) {
    throw new RequestError([
      { field: 'cursor', message: `belongs to a list in another order (sort=${begin.order})` },
    ]);
  }
  return begin?.place;
}
