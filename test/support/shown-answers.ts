/** Answers of the API, and how the command line shows each of them. */
import pc from 'picocolors';
import type { ApiApproved, ApiDetail, ApiList, ApiOperation, ApiPlan } from '../../cli/api.ts';
import type { ApiCleanup, ApiOrphan, ApiRepair } from '../../cli/api-cleanups.ts';
import { formatApproved } from '../../cli/show/approved.ts';
import { formatCertificate } from '../../cli/show/certificate.ts';
import { formatCleanups } from '../../cli/show/cleanups.ts';
import { formatList } from '../../cli/show/list.ts';
import { formatOperation, formatPlan } from '../../cli/show/operation.ts';
import { formatConfirmed, formatOrphans } from '../../cli/show/orphans.ts';
import { formatRepairs, formatUndoneRepair } from '../../cli/show/repairs.ts';
import { formatDrySweep, formatSweep } from '../../cli/show/sweep.ts';

export const NOW = Date.parse('2026-11-21T10:00:00.000Z');
export const PLAIN = { colors: pc.createColors(false), columns: 80 };
export const PIPED = { ...PLAIN, columns: undefined };
export const COLOURED = { colors: pc.createColors(true), columns: 80 };

export const SOURCE = { vault: 'contoso-kv', name: 'gateway-client' };
export const TARGET = 'contoso-gw/certificates/gateway-client';
export const PROBLEM = {
  code: 'TARGET_IN_USE',
  message: `${'A sentence that is rather long. '.repeat(6)}It ends here.`,
  cure: 'Let them use another certificate.',
};
export const ORPHAN: ApiOrphan = {
  fate: 'soft-deleted',
  since: '2026-11-20T10:00:00.000Z',
  recoverableUntil: '2027-02-18T10:00:00.000Z',
};
export const ORPHANED = { source: SOURCE, target: TARGET, orphan: ORPHAN };
export const CLEANUP: ApiCleanup = {
  ...{ id: '8204178676087-0a0e402a61c6', source: SOURCE, target: TARGET, status: 'removed' },
  ...{ fate: 'soft-deleted', since: '2026-11-13T10:00:00.000Z', at: '2026-11-21T09:59:58.000Z' },
  removedAt: '2026-11-21T09:59:59.000Z',
  recoverableUntil: '2027-02-18T10:00:00.000Z',
};
export const REPAIR: ApiRepair = {
  ...{ id: '8204178700598-6f686f4e6acba3e4', source: SOURCE, target: TARGET, status: 'repaired' },
  document: 'apis/orders/policies/policy',
  thumbprint: '8D6F'.padEnd(40, '0'),
  at: '2026-11-21T09:59:58.000Z',
  repairedAt: '2026-11-21T09:59:59.000Z',
};
export const SWEEP: ApiOperation = {
  ...{ id: 'sweep', state: 'succeeded', step: 'Done', startedAt: '2026-11-21T09:59:00.000Z' },
  counts: { services: 1, vaults: 2, certificates: 5, present: 4, softDeleted: 1, orphaned: 2 },
  problems: [],
};
export const DRY: ApiOperation = {
  ...{ ...SWEEP, id: 'sweep-dry-run' },
  planned: [
    { source: SOURCE, action: 'sync', reason: 'NotInOrder' },
    { source: SOURCE, target: TARGET, action: 'keep', reason: 'GraceRuns' },
    { source: SOURCE, target: TARGET, action: 'remove', reason: 'SourceGone' },
  ],
};
export const OPERATION: ApiOperation = {
  ...{ id: 'sync-1', state: 'succeeded', step: 'done', source: SOURCE, problems: [] },
  warnings: [{ ...PROBLEM, code: 'VERSION_SUSPECT' }],
  targets: [
    {
      ...{ target: TARGET, outcome: 'rotated', reason: 'NewVersion' },
      warnings: [{ ...PROBLEM, code: 'REFERENCES_WOULD_BREAK' }],
      repaired: { documents: ['apis/orders/policies/policy'], leftOut: 3 },
    },
  ],
};
const PLAN: ApiPlan = {
  observation: { kind: 'present' },
  targets: [
    {
      ...{ target: TARGET, step: 'refresh', reason: 'NewVersion' },
      warnings: [{ ...PROBLEM, code: 'REFERENCES_WOULD_BREAK' }],
      repairs: [`apis/${'a-very-long-name-'.repeat(6)}/policies/policy`],
    },
  ],
  problems: [],
};
export const DETAIL: ApiDetail = {
  ...{ ...SOURCE, status: 'blocked', operation: '/api/operations/sync-1' },
  bindings: [
    {
      ...{ target: TARGET, status: 'blocked', current: false, origin: 'tag' },
      thumbprint: '8D6F'.padEnd(40, '0'),
      access: { verdict: 'blocks', problems: [{ code: 'CERTIFICATE_DELETED', message: 'Gone.' }] },
      orphan: { ...ORPHAN, kept: PROBLEM },
    },
    {
      ...{ target: 'contoso-eu-gw/certificates/a', status: 'verified', current: true },
      ...{ origin: 'tag', warnings: [{ ...PROBLEM, code: 'REFERENCES_WOULD_BREAK' }] },
    },
  ],
  ...{ versions: [], history: [] },
};
export const APPROVED: ApiApproved = {
  ...{ id: 'sync-1', operation: '/api/operations/sync-1', source: SOURCE },
  ...{ version: '0d5c'.padEnd(32, '0'), until: '2026-11-22T10:00:00.000Z' },
};
export const LIST: ApiList = { certificates: [DETAIL] };

type Show = (output: typeof PLAIN | typeof PIPED) => string;
export const SHOWN: Readonly<Record<string, Show>> = {
  'a sweep': (output) =>
    formatSweep(
      {
        ...{ ...SWEEP, state: 'blocked', problems: [PROBLEM], problemsLeftOut: 2 },
        ...{ findings: [PROBLEM], findingsLeftOut: 3 },
      },
      { removed: [CLEANUP], kept: [{ ...ORPHANED, orphan: { ...ORPHAN, kept: PROBLEM } }] },
      output,
    ),
  'a dry run': (output) => formatDrySweep({ ...DRY, plannedLeftOut: 5 }, output),
  orphans: (output) =>
    formatOrphans(
      [
        { ...ORPHANED, orphan: { ...ORPHAN, removeAfter: '2026-11-27T10:00:00.000Z' } },
        { ...ORPHANED, orphan: { ...ORPHAN, kept: PROBLEM } },
        { ...ORPHANED, orphan: { ...ORPHAN, doubted: true, kept: PROBLEM } },
      ],
      output,
    ),
  'what was confirmed': (output) =>
    formatConfirmed({ service: 'contoso-gw', confirmed: [ORPHANED] }, output),
  'clean-ups': (output) =>
    formatCleanups(
      [CLEANUP, { ...CLEANUP, status: 'intended' }, { ...CLEANUP, status: 'given-up' }],
      { more: true },
      output,
    ),
  repairs: (output) =>
    formatRepairs(
      [REPAIR, { ...REPAIR, status: 'intended' }, { ...REPAIR, status: 'given-up' }],
      { more: true },
      output,
    ),
  'a repair that was undone': (output) =>
    formatUndoneRepair({ ...REPAIR, note: 'It does not resolve. '.repeat(8) }, output),
  'an operation': (output) => formatOperation(OPERATION, output),
  'a plan': (output) => formatPlan('contoso-kv/gateway-client', PLAN, output),
  'a certificate': (output) => formatCertificate(DETAIL, output, NOW),
  'a list': (output) => formatList(LIST, output, NOW),
  'an approval': (output) => formatApproved(APPROVED, output),
};

export const unfolded = (text: string): string => text.replace(/\s+/g, ' ');
