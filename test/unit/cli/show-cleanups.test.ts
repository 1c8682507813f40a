import type { ApiOrphan } from '../../../cli/api-cleanups.ts';
import { formatCertificate } from '../../../cli/show/certificate.ts';
import { formatCleanups } from '../../../cli/show/cleanups.ts';
import { formatList } from '../../../cli/show/list.ts';
import { formatConfirmed, formatOrphans } from '../../../cli/show/orphans.ts';
import { formatRepairs } from '../../../cli/show/repairs.ts';
import { formatDrySweep, formatSweep } from '../../../cli/show/sweep.ts';
import {
  CLEANUP,
  DETAIL,
  DRY,
  LIST,
  NOW,
  ORPHAN,
  ORPHANED,
  PIPED,
  PLAIN,
  PROBLEM,
  REPAIR,
  SHOWN,
  SOURCE,
  SWEEP,
  TARGET,
  unfolded,
} from '../../support/shown-answers.ts';

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
