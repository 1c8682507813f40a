import { FINDING_KINDS } from '../../../../shared/domain/audit/finding-kinds.ts';
import { commandOf, groupFindings } from '../../../../shared/report/html/finding-groups.ts';
import { makeReport } from '../../../support/audit/make-report.ts';

const { findings } = makeReport();
const [one] = findings;
if (one === undefined) throw new Error('The sample has no findings.');

describe('findings in groups', () => {
  const groups = groupFindings(findings);

  it('are all there, each once, with those of its code', () => {
    const inside = groups.flatMap((cure) => cure.groups.flatMap((group) => group.findings));
    expect(inside).toHaveLength(findings.length);
    expect(new Set(inside)).toEqual(new Set(findings));
    for (const { groups: codes } of groups) {
      for (const { code, findings: same } of codes) {
        expect(new Set(same.map((finding) => finding.code))).toEqual(new Set([code]));
      }
    }
  });

  it('stand under what cures them, the gravest first at either level', () => {
    const grave = ['critical', 'high', 'medium', 'low'];
    for (const { groups: codes } of groups) {
      expect(new Set(codes.map(({ code }) => FINDING_KINDS[code].cure)).size).toBe(1);
      const ranks = codes.map(({ severity }) => grave.indexOf(severity));
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    }
    const worst = groups.map(({ groups: [first] }) => grave.indexOf(first?.severity ?? ''));
    expect(worst).toEqual(worst.toSorted((a, b) => a - b));
  });

  it('are as grave as the gravest of the group', () => {
    const [cure] = groupFindings([
      { ...one, severity: 'low' },
      { ...one, severity: 'high' },
    ]);
    expect(cure?.groups[0]?.severity).toBe('high');
  });

  it('tell a cure that is that of all once', () => {
    const same = groupFindings([one, { ...one, id: 'other' }])[0]?.groups[0];
    const other = groupFindings([one, { ...one, cure: 'Another.' }])[0]?.groups[0];
    expect([same?.cure, other?.cure]).toEqual([one.cure, undefined]);
  });
});

describe('the command in a cure', () => {
  it.each([
    ['az keyvault show --name a', 'az keyvault show --name a'],
    [
      'Create a new version: az keyvault certificate create --name a',
      'az keyvault certificate create --name a',
    ],
    ['Look at it: npx certkeeper show a/b.', 'npx certkeeper show a/b'],
    ['Delete what is not needed any more: certkeeper ca list a', 'certkeeper ca list a'],
  ])('of %p is %p', (cure, command) => expect(commandOf(cure)).toBe(command));

  it.each([
    'Wait a few minutes, and sync the certificate again.',
    'Give it (or let roles decide: az keyvault update --name a --enable-rbac-authorization true)',
    'Ask somebody: azure support',
    'Bring it back: az keyvault certificate recover --name a. Or take it away: npx certkeeper detach kv/a gw',
    'Look at it: npx certkeeper show kv/a. Then decide.',
    'Remove it: npx certkeeper detach a/b -t c, or acknowledge that it is kept.',
  ])('%p has none', (cure) => expect(commandOf(cure)).toBeUndefined());
});
