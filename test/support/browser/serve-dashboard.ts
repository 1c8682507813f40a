/** The dashboard's own routes, answered to a browser over a world that a test decides. */
import type { Page } from 'playwright-core';
import { makeDashboardRoutes } from '../../../functions/triggers/dashboard/dashboard-routes.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { Caller } from '../../../shared/http/caller.ts';
import { askRoute } from '../ask-route.ts';
import { NOW } from '../domain-samples.ts';
import { makeStatus } from '../fake-durable-client.ts';
import { makeMemoryAudits } from '../memory-audits.ts';
import { makeMemoryLedger, type MemoryLedger } from '../memory-ledger.ts';

export const DASHBOARD = 'http://certkeeper.test/api/dashboard';

export interface DashboardWorld {
  readonly bindings?: readonly Binding[];
  readonly records?: readonly SourceRecord[];
  /** The last one. */
  readonly report?: AuditReport;
  /** Those before it, the newest first. */
  readonly earlier?: readonly AuditReport[];
  readonly caller?: Caller;
  readonly withDoor?: boolean;
  /** The key that opens it; absent = it is open. */
  readonly key?: string;
  /** Ids of instances that run, each with its step. */
  readonly running?: Readonly<Record<string, string>>;
}

const MANAGER: Caller = {
  kind: 'entra',
  id: '0b1ec700',
  name: 'Ada Lovelace',
  roles: ['Certkeeper.Manage'],
};

export interface ServedDashboard {
  readonly ledger: MemoryLedger;
  /** How each request was answered: method, path, query and status. */
  readonly answered: string[];
  /** While it is set, that is what happens to every request. */
  trouble: 'none' | 'unreachable' | 'storage' | 'signed-out';
}

/** Answers what a page asks of `http://certkeeper.test`. */
export async function serveDashboard(page: Page, world: DashboardWorld = {}) {
  const ledger = makeMemoryLedger(world.bindings, world.records);
  const served: ServedDashboard = { ledger, answered: [], trouble: 'none' };
  let milliseconds = 0;
  const routes = makeDashboardRoutes({
    ledger: {
      all: (...args) => {
        if (served.trouble === 'storage') throw new TransientError(STORAGE_AWAY);
        return ledger.all(...args);
      },
    },
    care: { vaults: new Set(['contoso-kv']), services: new Set(['contoso-gw']) },
    ...makeMemoryAudits([
      ...(world.report === undefined ? [] : [world.report]),
      ...(world.earlier ?? []),
    ]),
    now: () => new Date(NOW),
    clock: () => milliseconds,
    withDoor: world.withDoor ?? false,
  });
  const client = {
    getStatusBy: async () =>
      Object.entries(world.running ?? {}).map(([id, step]) =>
        makeStatus(id, {
          customStatus: { step },
          ...(id.startsWith('sync-')
            ? { input: { source: { vault: 'contoso-kv', name: 'gateway-client' } } }
            : {}),
        }),
      ),
  };
  await page.route('http://certkeeper.test/**', async (asked) => {
    const request = asked.request();
    const { pathname, search, searchParams } = new URL(request.url());
    const route = routes.find((one) => `/api/${one.path}` === pathname);
    // Each answer is of the world as it is then.
    milliseconds += 60_000;
    const answer = async () => {
      if (route === undefined) return { status: 404, headers: new Headers(), text: '' };
      if (served.trouble === 'signed-out') return { status: 401, headers: new Headers(), text: '' };
      const given = request.headers()['x-functions-key'] ?? searchParams.get('code') ?? undefined;
      if (route.open !== true && world.key !== undefined && given !== world.key) {
        return { status: 401, headers: new Headers(), text: '' };
      }
      const caller = world.caller ?? MANAGER;
      const headers = request.headers();
      return await askRoute(route, `${pathname.slice('/api'.length)}${search}`, {
        ...{ caller, headers, client },
      });
    };
    if (served.trouble === 'unreachable') {
      await asked.abort('connectionrefused');
      return;
    }
    const { status = 200, headers, text = '' } = await answer();
    served.answered.push(`${request.method()} ${pathname}${search} ${String(status)}`);
    await asked.fulfill({ status, headers: Object.fromEntries(headers), body: text });
  });
  return served;
}

const STORAGE_AWAY = {
  code: 'AZURE_UNAVAILABLE',
  message: 'The storage of the ledger does not answer.',
} as const;
