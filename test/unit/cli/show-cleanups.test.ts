import pc from 'picocolors';
import type { ApiApproved, ApiDetail, ApiList, ApiOperation, ApiPlan } from '../../../cli/api.ts';
import type { ApiCleanup, ApiOrphan, ApiRepair } from '../../../cli/api-cleanups.ts';
import { formatApproved } from '../../../cli/show/approved.ts';
import { formatCertificate } from '../../../cli/show/certificate.ts';
import { formatCleanups } from '../../../cli/show/cleanups.ts';
import { formatDetaching } from '../../../cli/show/detaching.ts';
import { formatList } from '../../../cli/show/list.ts';
import { formatOperation, formatPlan } from '../../../cli/show/operation.ts';
import { formatConfirmed, formatOrphans } from '../../../cli/show/orphans.ts';
import { inOwnWords } from '../../../cli/show/own-words.ts';
import { formatRepairs, formatUndoneRepair } from '../../../cli/show/repairs.ts';
import { formatDrySweep, formatSweep } from '../../../cli/show/sweep.ts';

const NOW = Date.parse('2026-11-21T10:00:00.000Z');
const PLAIN = { colors: pc.createColors(false), columns: 80 };
const PIPED = { ...PLAIN, columns: undefined };
const COLOURED = { colors: pc.createColors(true), columns: 80 };

const SOURCE = { vault: 'contoso-kv', name: 'gateway-client' };
const TARGET = 'contoso-gw/certificates/gateway-client';
const PROBLEM = {
  code: 'TARGET_IN_USE',
  message: `${'A sentence that is rather long. '.repeat(6)}It ends here.`,
  cure: 'Let them use another certificate.',
};
const ORPHAN: ApiOrphan = {
  fate: 'soft-deleted',
  since: '2026-11-20T10:00:00.000Z',
  recoverableUntil: '2027-02-18T10:00:00.000Z',
};
const ORPHANED = { source: SOURCE, target: TARGET, orphan: ORPHAN };
const CLEANUP: ApiCleanup = {
  ...{ id: '8204178676087-0a0e402a61c6', source: SOURCE, target: TARGET, status: 'removed' },
  ...{ fate: 'soft-deleted', since: '2026-11-13T10:00:00.000Z', at: '2026-11-21T09:59:58.000Z' },
  removedAt: '2026-11-21T09:59:59.000Z',
  recoverableUntil: '2027-02-18T10:00:00.000Z',
};
const REPAIR: ApiRepair = {
  ...{ id: '8204178700598-6f686f4e6acba3e4', source: SOURCE, target: TARGET, status: 'repaired' },
  document: 'apis/orders/policies/policy',
  thumbprint: '8D6F'.padEnd(40, '0'),
  at: '2026-11-21T09:59:58.000Z',
  repairedAt: '2026-11-21T09:59:59.000Z',
};
const SWEEP: ApiOperation = {
  ...{ id: 'sweep', state: 'succeeded', step: 'Done', startedAt: '2026-11-21T09:59:00.000Z' },
  counts: { services: 1, vaults: 2, certificates: 5, present: 4, softDeleted: 1, orphaned: 2 },
  problems: [],
};
const DRY: ApiOperation = {
  ...{ ...SWEEP, id: 'sweep-dry-run' },
  planned: [
    { source: SOURCE, action: 'sync', reason: 'NotInOrder' },
    { source: SOURCE, target: TARGET, action: 'keep', reason: 'GraceRuns' },
    { source: SOURCE, target: TARGET, action: 'remove', reason: 'SourceGone' },
  ],
};
const OPERATION: ApiOperation = {
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
const DETAIL: ApiDetail = {
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
const APPROVED: ApiApproved = {
  ...{ id: 'sync-1', operation: '/api/operations/sync-1', source: SOURCE },
  ...{ version: '0d5c'.padEnd(32, '0'), until: '2026-11-22T10:00:00.000Z' },
};
const LIST: ApiList = { certificates: [DETAIL] };

type Show = (output: typeof PLAIN | typeof PIPED) => string;
const SHOWN: Readonly<Record<string, Show>> = {
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

const unfolded = (text: string): string => text.replace(/\s+/g, ' ');
const plainly = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- colours
  text.replace(/\u001b\[\d+m/g, '');
/** Commands stay whole, so that they can be copied. */
const isCommand = (line: string): boolean => /^ *(az|npx) /.test(line);

describe.each(Object.entries(SHOWN))('What a person reads of %s', (_, show) => {
  test('fits 80 columns, with colours or without', () => {
    for (const line of show(PLAIN).split('\n')) {
      expect([line, line.length <= 80 || isCommand(line)]).toEqual([line, true]);
      expect(line).toBe(line.trimEnd());
    }
    expect(plainly(show(COLOURED))).toBe(show(PLAIN));
  });

  test('names nothing that is not there, also where no width is known', () => {
    for (const name of ['undefined', '[object', 'NaN']) expect(show(PIPED)).not.toContain(name);
  });
});

test('Names as long as Azure allows are broken, not lost', () => {
  const source = { vault: 'v'.repeat(24), name: 'n'.repeat(127) };
  const target = `${'s'.repeat(50)}/workspaces/${'w'.repeat(80)}/certificates/${'c'.repeat(80)}`;
  const document = `apis/${'o'.repeat(80)}/operations/${'p'.repeat(80)}/policies/policy`;
  const texts = [
    formatCleanups([{ ...CLEANUP, source, target }], { more: false }, PLAIN),
    formatRepairs([{ ...REPAIR, source, target, document }], { more: false }, PLAIN),
    formatDrySweep(
      { ...DRY, planned: [{ source, target, action: 'remove', reason: 'SourceGone' }] },
      PLAIN,
    ),
  ];
  for (const text of texts) {
    for (const line of text.split('\n')) expect([line, line.length <= 80]).toEqual([line, true]);
    expect(text.replace(/[^n]/g, '').length).toBeGreaterThanOrEqual(127);
  }
});

test('Nothing of it steers the terminal, whatever came over the wire', () => {
  const nasty = '\u001b]0;title\u0007\u001b[2J\rgone\u009b31m';
  const source = { vault: nasty, name: nasty };
  const orphan = { fate: nasty, since: nasty, recoverableUntil: nasty, removeAfter: nasty };
  const cleanup = { ...CLEANUP, source, target: nasty, id: nasty, status: nasty, removedAt: nasty };
  const repair = { ...REPAIR, source, target: nasty, id: nasty, status: nasty, document: nasty };
  const planned = [{ source, target: nasty, action: nasty, reason: nasty }];
  const problems = [{ code: nasty, message: nasty, cure: nasty }];
  const texts = [
    formatCleanups([cleanup], { more: false }, PLAIN),
    formatRepairs([{ ...repair, thumbprint: nasty }], { more: false }, PLAIN),
    formatUndoneRepair({ ...repair, note: nasty, thumbprint: nasty }, PLAIN),
    formatOrphans([{ source, target: nasty, orphan }], PLAIN),
    formatOrphans([{ source, target: nasty, orphan: { ...orphan, doubted: true } }], PLAIN),
    formatConfirmed({ service: nasty, confirmed: [{ source, target: nasty }] }, PLAIN),
    formatConfirmed({ service: nasty, confirmed: [] }, PLAIN),
    formatSweep(
      { ...SWEEP, state: nasty, step: nasty, problems, findings: problems },
      undefined,
      PLAIN,
    ),
    formatDrySweep({ ...DRY, state: nasty, step: nasty, planned }, PLAIN),
    formatApproved({ ...APPROVED, source, version: nasty, until: nasty }, PLAIN),
    formatOperation(
      {
        ...{ ...OPERATION, warnings: problems },
        targets: [
          {
            ...{ target: nasty, outcome: nasty, reason: nasty, warnings: problems },
            repaired: { documents: [nasty] },
          },
        ],
      },
      PLAIN,
    ),
  ];
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  for (const text of texts) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

describe('A sweep', () => {
  test('names what is to be looked at after what is in the way', () => {
    const finding = { code: 'CERTIFICATE_EXPIRED', message: 'It expired.' };
    const some = { ...SWEEP, problems: [PROBLEM], findings: [finding], findingsLeftOut: 3 };
    for (const text of [formatSweep(some, undefined, PLAIN), formatDrySweep(some, PLAIN)]) {
      expect(text).toMatch(/In the way[^]*To look at[^]*It expired\.[^]*… and 3 more/);
    }
    expect(formatSweep(SWEEP, undefined, PLAIN)).not.toContain('To look at');
  });

  test('is counted without what there was none of', () => {
    const text = formatSweep(SWEEP, { removed: [], kept: [] }, PLAIN);
    expect(text).toBe(
      [
        'looked at  1 service, 2 vaults, 5 certificates in them',
        'bound      4 in their vaults, 1 deleted and recoverable',
        'targets    2 without their certificate',
        '',
        'The sweep: succeeded.',
      ].join('\n'),
    );
  });

  test('names what it removed and how to put it back, and what it kept and why', () => {
    const text = unfolded(SHOWN['a sweep']?.(PLAIN) ?? '');
    expect(text).toContain(`8204178676087-0a0e402a61c6 removed 2026-11-21 09:59:59 ${TARGET}`);
    expect(text).toContain('npx certkeeper undo 8204178676087-0a0e402a61c6 --recover');
    expect(text).toContain('(TARGET_IN_USE) What to do: Let them use another certificate.');
    expect(text).toContain('… and 2 more');
    expect(text).toContain('The sweep: blocked. Somebody has to change something');
  });

  test('of which it could not be read what it removed says where to look', () => {
    const text = formatSweep({ ...SWEEP, counts: { removed: 1 } }, undefined, PLAIN);
    expect(text).toContain('What was removed:  npx certkeeper cleanups');
  });

  test('that failed says how', () => {
    const text = formatSweep({ id: 'sweep', state: 'failed', step: 'It ended.' }, undefined, PLAIN);
    expect(text).toContain('The sweep: failed.\nIt ended.');
  });

  test('that is dry says first what would be gone', () => {
    const text = formatDrySweep(DRY, PLAIN);
    const rows = text.split('\n').filter((line) => / (remove|keep|sync) {2}/.test(line));
    expect(rows.map((row) => / (remove|keep|sync) {2}/.exec(row)?.[1])).toEqual([
      'remove',
      'keep',
      'sync',
    ]);
    expect(text).toContain('SOURCE');
    expect(text).toContain('its grace runs');
    expect(text).toContain('all of its targets');
    expect(text).toContain('Nothing was changed.');
    expect(text).toMatch(/A sweep would remove 1 target: {2}npx certkeeper sweep$/);
    expect(formatDrySweep({ ...DRY, planned: [] }, PLAIN)).toMatch(/nothing to do\.$/);
  });

  test('shows an action and a reason that it does not know as they are', () => {
    const planned = [{ source: SOURCE, action: 'later', reason: 'SomethingNew' }];
    expect(formatDrySweep({ ...DRY, planned }, PLAIN)).toMatch(/later {3}SomethingNew/);
  });
});

describe('An orphan', () => {
  const show = (orphan: Partial<ApiOrphan>): string =>
    unfolded(formatOrphans([{ ...ORPHANED, orphan: { ...ORPHAN, ...orphan } }], PLAIN));

  test('is shown with since when, until when it can be recovered, and when it goes', () => {
    expect(show({ removeAfter: '2026-11-27T10:00:00.000Z' })).toContain(
      'of contoso-kv/gateway-client, deleted in its vault found so on 2026-11-20 10:00:00 recoverable until 2027-02-18 10:00:00 removed by the first sweep after 2026-11-27 10:00:00, unless it is back',
    );
    expect(show({})).toContain('az keyvault certificate recover --vault-name contoso-kv');
  });

  test('that is kept says why, and what to do', () => {
    expect(show({ kept: PROBLEM })).toContain('(TARGET_IN_USE) What to do: Let them use');
    expect(show({})).toContain('nothing removes it by itself');
  });

  test('that is doubted says how to confirm it, once', () => {
    const text = show({ doubted: true, kept: { ...PROBLEM, code: 'ORPHANS_DOUBTED' } });
    expect(text).toContain('npx certkeeper orphans confirm contoso-gw');
    expect(text).not.toContain('(ORPHANS_DOUBTED)');
  });

  test('that is gone for good is not offered to be recovered', () => {
    const { recoverableUntil: _, ...purged } = { ...ORPHAN, fate: 'purged' };
    const text = formatOrphans([{ ...ORPHANED, orphan: purged }], PLAIN);
    expect(text).toContain('gone for good');
    expect(text).not.toContain('az keyvault');
  });

  test('stands at its certificate, and nothing is said of a next version', () => {
    const text = formatCertificate(DETAIL, PLAIN, NOW);
    expect(text).toMatch(/contoso-gw\/certificates\/[^]*orphaned/);
    expect(text).toContain('Orphaned: the certificate is gone (UTC)');
    expect(unfolded(text)).toContain('kept: A sentence that is rather long.');
    expect(text).not.toContain('In the way of the next version');
    expect(text).not.toContain('outdated');
    expect(text).toContain('Broken by its last rotation');
  });

  test('is marked in the list, as references that a rotation broke are', () => {
    const text = formatList(LIST, PIPED, NOW);
    expect(text).toContain('1 orphaned, 1 verified, 1 warned');
    expect(text).toContain('npx certkeeper orphans list');
  });

  test('none of which there is, or was doubted, is a sentence', () => {
    expect(formatOrphans([], PLAIN)).toMatch(/^No target is orphaned there/);
    expect(formatConfirmed({ service: 'contoso-gw', confirmed: [] }, PLAIN)).toMatch(
      /^Nothing at contoso-gw was in doubt/,
    );
  });
});

test('A clean-up of what is gone for good is not offered with a recovery', () => {
  const { recoverableUntil: _, ...purged } = { ...CLEANUP, fate: 'purged' };
  const text = formatCleanups([purged], { more: false }, PLAIN);
  expect(text).toMatch(/1 clean-up\.\nPut one back: {2}npx certkeeper undo \S+c6$/);
});

test('What was undone already is not offered to be undone', () => {
  const cleanup = formatCleanups([{ ...CLEANUP, status: 'undone' }], { more: false }, PLAIN);
  const repair = formatRepairs([{ ...REPAIR, status: 'undone' }], { more: false }, PLAIN);
  for (const text of [cleanup, repair]) expect(text).not.toContain('npx certkeeper undo');
  expect(formatCleanups([], { more: false }, PLAIN)).toBe('No clean-up matches.');
  expect(formatRepairs([], { more: false }, PLAIN)).toBe('No repair matches.');
});

describe('An operation', () => {
  test('names what is worth a look, and what was rewritten', () => {
    const text = formatOperation(OPERATION, PLAIN);
    expect(text).toContain('Worth a look\n');
    expect(text).toContain('(VERSION_SUSPECT)');
    expect(text).toContain('(REFERENCES_WOULD_BREAK)');
    expect(text).toContain('  contoso-gw/apis/orders/policies/policy\n  … and 3 more');
    expect(text).toContain('npx certkeeper repairs --certificate contoso-kv/gateway-client');
  });

  test.each(['VersionHeld', 'WouldBreak'])('that holds a version (%s) says how to go on', (why) => {
    const targets = [{ target: TARGET, outcome: 'blocked', reason: why, problem: PROBLEM }];
    expect(formatOperation({ ...OPERATION, state: 'blocked', targets }, PLAIN)).toMatch(
      /Let it through all the same: {2}npx certkeeper approve contoso-kv\/gateway-client$/,
    );
  });
});

test('An approval says what it is for, and until when it counts', () => {
  const { until: _, ...looks } = APPROVED;
  expect(unfolded(formatApproved(looks, PLAIN))).toMatch(/does not look like the one before it\.$/);
  expect(unfolded(formatApproved(APPROVED, PLAIN))).toMatch(
    /may go out until 2026-11-22 10:00:00 UTC, though that breaks/,
  );
});

test('What was detached within the call is told as done', () => {
  const targets = [{ target: TARGET, step: 'remove' }];
  expect(formatDetaching({ dryRun: true, targets }, PLAIN)).toMatch(/Nothing was changed\.$/);
  expect(formatDetaching({ dryRun: false, targets }, PLAIN)).toMatch(/was taken away there$/);
});

test.each([
  [
    'it: POST /api/services/contoso-gw/orphans/confirm (role',
    'it: npx certkeeper orphans confirm contoso-gw (role',
  ],
  [
    'to keep it: POST /api/services/contoso-gw/take (role',
    'to keep it: npx certkeeper services take contoso-gw (role',
  ],
  [
    'detach it: DELETE /api/certificates/contoso-kv/a?targets=contoso-gw/certificates/a; or',
    'detach it: npx certkeeper detach contoso-kv/a -t contoso-gw/certificates/a; or',
  ],
  [
    'back: POST /api/certificates/contoso-kv/a/rollback.',
    'back: npx certkeeper rollback contoso-kv/a.',
  ],
  [
    'new version: PUT /api/certificates/contoso-kv/a',
    'new version: npx certkeeper upload {file} contoso-kv/a --new-version',
  ],
  ['GET /api/certificates/{vault}/{name}/usage', 'npx certkeeper usage {vault}/{name}'],
  ['GET /api/certificates/contoso-kv/a.', 'npx certkeeper show contoso-kv/a.'],
  ['POST /api/certificates/contoso-kv/a/bindings', 'npx certkeeper bind contoso-kv/a -t {target}'],
  [
    'POST /api/cleanups/8204178676087-0a0e402a61c6/undo',
    'npx certkeeper undo 8204178676087-0a0e402a61c6',
  ],
  ['POST /api/operations/sync-1/approve (role', 'npx certkeeper approve {vault}/{name} (role'],
  [
    'npx certkeeper approve contoso-kv/a, or POST /api/operations/sync-1/approve. If',
    'npx certkeeper approve contoso-kv/a. If',
  ],
  [
    'counts for 24 hours (POST /api/operations/sync-1/approve): npx certkeeper approve contoso-kv/a',
    'counts for 24 hours: npx certkeeper approve contoso-kv/a',
  ],
  ['Ask again with {"recover": true}', 'Ask again with --recover'],
  ['detach it with force=true (role', 'detach it with --force (role'],
  ['GET /api/repairs', 'npx certkeeper repairs'],
  // There is no command for these.
  [
    'GET /api/repairs/8204178700598-6f686f4e6acba3e4',
    'GET /api/repairs/8204178700598-6f686f4e6acba3e4',
  ],
  ['POST /api/certificates.', 'POST /api/certificates.'],
])('Advice to call %s names the command', (call, command) => {
  expect(inOwnWords(call)).toBe(command);
});
