/** Worlds that a running system seldom has, open on the dashboard. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import { makeReport } from '../audit/make-report.ts';
import { makeBinding, NEW_THUMBPRINT, NOW, PROBLEM } from '../domain-samples.ts';
import { partsOf } from './dashboard.ts';
import { openPage } from './open-browser.ts';
import { DASHBOARD, serveDashboard, type DashboardWorld } from './serve-dashboard.ts';

/** Opens the dashboard of a world. */
export async function openWorld(
  world: DashboardWorld,
  { query = '', ...options }: BrowserContextOptions & { readonly query?: string } = {},
) {
  const { page, complaints } = await openPage(options);
  const served = await serveDashboard(page, world);
  await page.goto(`${DASHBOARD}${query}`);
  return { page, complaints, served, ...partsOf(page) };
}

export const record = (name: string, other: Partial<SourceRecord> = {}): SourceRecord => ({
  source: { vault: 'contoso-kv', name },
  version: 'v2',
  thumbprint: NEW_THUMBPRINT,
  expiresAt: '2026-08-01T00:00:00.000Z',
  enabled: true,
  seenAt: NOW,
  problems: [],
  ...other,
});
export const bound = (name: string, other: Partial<Binding> = {}): Binding =>
  makeBinding({
    source: { vault: 'contoso-kv', name },
    target: { kind: 'client-certificate', service: 'contoso-gw', id: name },
    targetThumbprint: NEW_THUMBPRINT,
    ...other,
  });

/** So many certificates, each at one target; every thousandth is blocked. */
export function many(count: number): Required<Pick<DashboardWorld, 'bindings' | 'records'>> {
  const names = Array.from({ length: count }, (_, at) => `c${String(at).padStart(5, '0')}`);
  return {
    records: names.map((name) => record(name)),
    bindings: names.map((name, at) =>
      bound(name, at % 1000 === 7 ? { status: 'blocked', problem: PROBLEM } : {}),
    ),
  };
}

export const FULL: DashboardWorld = {
  ...many(12),
  report: makeReport(),
  earlier: [{ ...makeReport(), id: '20261127T020000Z-000000' }],
  running: {
    'sync-0123456789abcdef0123': 'Reading the vault',
    sweep: 'Looking at contoso-gw',
  },
};

export const range = (page: Page, text: string) => page.locator('#range', { hasText: text });
