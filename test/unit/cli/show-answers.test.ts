import { formatApproved } from '../../../cli/show/approved.ts';
import { formatCleanups } from '../../../cli/show/cleanups.ts';
import { formatOperation } from '../../../cli/show/operation.ts';
import { formatConfirmed, formatOrphans } from '../../../cli/show/orphans.ts';
import { formatRepairs, formatUndoneRepair } from '../../../cli/show/repairs.ts';
import { formatDrySweep, formatSweep } from '../../../cli/show/sweep.ts';
import {
  APPROVED,
  CLEANUP,
  COLOURED,
  DRY,
  OPERATION,
  PIPED,
  PLAIN,
  REPAIR,
  SHOWN,
  SWEEP,
} from '../../support/shown-answers.ts';

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
