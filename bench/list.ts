/** How long `GET /api/certificates` takes over a large ledger, in table storage on this machine. */
import path from 'node:path';
import { HttpRequest, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { makeListCertificatesRoute } from '../functions/triggers/list-certificates-route.ts';
import { startStorage } from '../local/storage/index.ts';
import { makeBoundedHttpClient } from '../shared/azure/bounded-http-client.ts';
import { makeLedger } from '../shared/azure/ledger.ts';
import { DocumentTable } from '../shared/azure/tables.ts';
import type { Ledger } from '../shared/domain/ledger-ports.ts';
import { toHttpHandler } from '../shared/http/http-handler.ts';
import { count, megabytes, ms, percentile, printFigures, progress } from './print.ts';

const SOURCES = 10_000;
const SERVICES = 40;
const RUNS = 5;
const AT_ONCE = 50;

/** A request whose answer is timed. */
interface Asked {
  readonly what: string;
  readonly query: string;
  readonly accept?: 'text/csv';
  /** Whether it goes on from the middle of the list. */
  readonly middle?: true;
}

const ASKED: readonly Asked[] = [
  { what: 'the first page, by name', query: '' },
  { what: 'a page in the middle, by name', query: '?limit=50', middle: true },
  { what: 'what expires first', query: '?sort=expires' },
  { what: 'what is blocked, in the whole list', query: '?status=blocked' },
  { what: 'all of a vault that is a tenth of it', query: '?vault=bench-3-kv&limit=500' },
  { what: 'everything as CSV', query: '', accept: 'text/csv' },
];

export async function benchList(folder: string): Promise<void> {
  const storage = await startStorage({ blobPort: 0, stateDir: path.join(folder, 'list') });
  try {
    const { connectionString } = storage;
    const table = new DocumentTable(
      'certkeeper',
      { kind: 'connection-string', connectionString },
      { getToken: () => Promise.resolve(null) },
      makeBoundedHttpClient(),
    );
    const ledger = makeLedger(table);
    await fill(ledger);
    const route = toHttpHandler(
      makeListCertificatesRoute({ ledger, now: () => new Date() }),
      () => ({ kind: 'function-key' }),
    );
    const ask = async (query: string, accept: string) => {
      const url = `http://127.0.0.1/api/certificates${query}`;
      const request = new HttpRequest({ method: 'GET', url, headers: { accept } });
      // The route does not touch its client, and the library exports no way to make one.
      const client: unknown = {};
      const answer = await route(request, client as DurableClient, new InvocationContext());
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.jsonBody);
      if (answer.status !== 200) throw new Error(`The list answered ${text}`);
      return text;
    };
    const middle = await cursorInTheMiddle(ask);
    const figures = [];
    for (const { what, query, accept = 'application/json', middle: inside } of ASKED) {
      progress(`Asking for ${what} …`);
      const full = inside === true ? `${query}&cursor=${middle}` : query;
      const times: number[] = [];
      let bytes = 0;
      for (let run = 0; run < RUNS; run += 1) {
        const begun = performance.now();
        bytes = (await ask(full, accept)).length;
        times.push(performance.now() - begun);
      }
      figures.push({ what, value: ms(percentile(times, 0.5)), note: megabytes(bytes) });
    }
    progress('');
    printFigures(
      `List: GET /api/certificates over ${count(SOURCES)} certificates with two bindings each, median of ${RUNS}`,
      figures,
    );
  } finally {
    await storage.stop();
  }
}

async function fill(ledger: Ledger): Promise<void> {
  for (let at = 0; at < SOURCES; at += AT_ONCE) {
    progress(`Filling the ledger: ${count(at)} of ${count(SOURCES)} certificates …`);
    await Promise.all(Array.from({ length: AT_ONCE }, (_, add) => put(ledger, at + add)));
  }
}

async function put(ledger: Ledger, at: number): Promise<void> {
  const source = {
    vault: `bench-${at % 10}-kv`,
    name: `certificate-${String(at).padStart(6, '0')}`,
  };
  const thumbprint = at.toString(16).toUpperCase().padStart(40, 'A');
  const day = new Date(Date.UTC(2027, 0, 1 + ((at * 7_919) % 700))).toISOString();
  await ledger.save(
    {
      source,
      version: thumbprint.slice(8).toLowerCase(),
      thumbprint,
      enabled: true,
      expiresAt: day,
      seenAt: '2026-11-21T10:00:00.000Z',
      problems: [],
    },
    [0, 1].map((which) => ({
      source,
      target: {
        kind: 'client-certificate',
        service: `bench-gw-${(at + which) % SERVICES}`,
        id: source.name,
      },
      origin: 'tag',
      claimed: true,
      status: at % 500 === 0 ? 'blocked' : 'verified',
      versionless: true,
      targetThumbprint: thumbprint,
      verifiedVersion: thumbprint.slice(8).toLowerCase(),
      verifiedAt: '2026-11-21T10:00:00.000Z',
    })),
  );
}

async function cursorInTheMiddle(
  ask: (query: string, accept: string) => Promise<string>,
): Promise<string> {
  // The route above answers it; the last of the vaults' first five hundred is far enough in.
  const page = JSON.parse(await ask('?vault=bench-5-kv&limit=500', 'application/json')) as {
    readonly next?: string;
  };
  return new URLSearchParams(page.next?.split('?')[1]).get('cursor') ?? '';
}
