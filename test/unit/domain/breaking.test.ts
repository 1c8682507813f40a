import fc from 'fast-check';
import {
  approvalEnds,
  breaks,
  holdForBreaking,
  holdForUnknown,
  isByNamedValue,
  toBreaking,
  warnOfBreaking,
} from '../../../shared/domain/breaking.ts';
import {
  changesThumbprint,
  goingThumbprints,
  judgeApproval,
  planMending,
  type Mended,
  type ReferencePolicy,
} from '../../../shared/domain/breaking-plan.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import { planTarget } from '../../../shared/domain/plan.ts';
import { NO_TRIES } from '../../../shared/domain/target-state.ts';
import type { Work } from '../../../shared/domain/work.ts';
import {
  makePresent,
  makeState,
  NEW_THUMBPRINT,
  NEW_VERSION,
  NOW,
  OLD_THUMBPRINT,
  OLD_VERSION,
  PROBLEM,
  SOURCE,
  SUFFIX,
  TARGET,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';

const reference = (more: Partial<CertificateReference> = {}): CertificateReference => ({
  document: 'apis/orders/policies/policy',
  kind: 'policy',
  at: 'inbound/authentication-certificate/@thumbprint, line 4',
  by: 'thumbprint',
  certainty: 'certain',
  repairable: true,
  ...more,
});

describe('What a rotation breaks', () => {
  test.each<[sentence: string, more: Partial<CertificateReference>, broken: boolean]>([
    ['a reference by thumbprint', {}, true],
    ['one that cannot be repaired', { repairable: false }, true],
    ['one that follows a named value', { via: 'x', repairable: false }, true],
    ['not one by id', { by: 'id' }, false],
    ['not what only may refer', { by: 'expression', certainty: 'possible' }, false],
    ['not what belongs to a workspace', { document: 'workspaces/team-a/backends/b' }, false],
    [
      'not the thumbprint of a backend that holds an id beside it',
      {
        document: 'backends/b',
        kind: 'backend',
        at: 'credentials.certificate[0]',
        repairable: false,
      },
      false,
    ],
    [
      'what the nodes of a cluster present',
      {
        document: 'backends/b',
        kind: 'backend',
        at: 'properties.serviceFabricCluster.serverCertificateThumbprints[0]',
        repairable: false,
      },
      true,
    ],
  ])('is %s', (_, more, broken) => {
    expect(breaks(reference(more), TARGET)).toBe(broken);
  });

  test('is, at a workspace, what belongs to that workspace', () => {
    const own = reference({ document: 'Workspaces/Team-A/apis/orders/policies/policy' });
    expect(breaks(own, WORKSPACE_TARGET)).toBe(true);
    expect(breaks(reference(), WORKSPACE_TARGET)).toBe(false);
  });

  test('is nothing when nothing refers to it so, and never more than can be carried along', () => {
    const usage = { asOf: NOW, references: [reference({ by: 'id' })] };
    expect(toBreaking(TARGET, [{ thumbprint: OLD_THUMBPRINT, ...usage }])).toBeUndefined();
    const many = Array.from({ length: 300 }, (_, at) => reference({ at: String(at) }));
    const found = { thumbprint: OLD_THUMBPRINT, asOf: NOW, references: many, leftOut: 7 };
    const breaking = toBreaking(TARGET, [found]);
    expect(breaking?.references).toHaveLength(20);
    expect(breaking?.leftOut).toBe(287);
    const { message } = warnOfBreaking(TARGET, breaking ?? never());
    expect(message).toContain('apis/orders/policies/policy');
    expect(message).toContain('and 302 more');
    expect(message.length).toBeLessThan(4_096);
  });

  test('has a named value in it only where that holds exactly the thumbprint', () => {
    const value = { document: 'namedValues/x', kind: 'named-value' } as const;
    expect(isByNamedValue(reference(value))).toBe(true);
    expect(isByNamedValue(reference({ ...value, repairable: false }))).toBe(false);
    expect(isByNamedValue(reference({ via: 'x', repairable: false }))).toBe(true);
  });
});

describe('What holds a rotation', () => {
  const approving = { source: SOURCE, operation: 'sync-1' };
  const breaking = { thumbprints: [OLD_THUMBPRINT], asOf: NOW, references: [reference()] };

  test.each([
    ['it would break references', holdForBreaking(TARGET, breaking, approving)],
    ['nobody knows what it would break', holdForUnknown(TARGET, PROBLEM, approving)],
  ])('since %s names the way to let it go, and ends in its command', (_, { cure }) => {
    expect(cure).toContain('(POST /api/operations/sync-1/approve)');
    expect(cure).toContain('counts for 24 hours');
    expect(cure).toMatch(/: npx certkeeper approve contoso-kv\/gateway-client$/);
  });

  test('says that an approval has run out', () => {
    const { message } = holdForBreaking(TARGET, breaking, { ...approving, ranOutAt: NOW });
    expect(message).toContain('2026-07-25');
  });
});

describe('Leave to break references', () => {
  const approval = { version: NEW_VERSION, at: NOW };
  test.each<[sentence: string, version: string | undefined, hours: number, is: object]>([
    ['counts at once', NEW_VERSION, 0, { approved: true }],
    ['counts for a day', NEW_VERSION, 23.99, { approved: true }],
    [
      'does not count after that, which is told',
      NEW_VERSION,
      24,
      { approved: false, ranOutAt: approvalEnds(NOW) },
    ],
    ['does not count for another version', OLD_VERSION, 1, { approved: false }],
    ['does not count for no version', undefined, 1, { approved: false }],
  ])('%s', (_, version, hours, is) => {
    const now = new Date(Date.parse(NOW) + hours * 3_600_000);
    expect(judgeApproval({ hold: true, approval }, version, now)).toEqual(is);
  });

  test('was never given where nobody gave it', () => {
    expect(judgeApproval({ hold: true }, NEW_VERSION, new Date(NOW))).toEqual({ approved: false });
  });
});

const observation = makePresent();
const work = (more: Partial<Work> = {}): Work => ({
  target: TARGET,
  standing: { kind: 'bound', origin: 'tag' },
  consented: true,
  configured: true,
  state: { kind: 'recorded', thumbprint: OLD_THUMBPRINT },
  tries: NO_TRIES,
  previousThumbprint: OLD_THUMBPRINT,
  ...more,
});
const breaking = (...references: CertificateReference[]) => ({
  thumbprints: [OLD_THUMBPRINT],
  asOf: NOW,
  references,
});
const NOTHING: Mended = {
  lookedUp: false,
  repaired: false,
  scanned: false,
  renewed: false,
  sawNamedValues: false,
  sawDocuments: false,
};

describe('What comes before and after a step that changes the thumbprint', () => {
  const named = reference({ document: 'namedValues/x', kind: 'named-value' });
  test.each<
    [
      sentence: string,
      step: 'refresh' | 'none' | 'observe' | 'blocked',
      work: Work,
      references: ReferencePolicy,
      mended: Partial<Mended>,
      is: 'repair' | 'scan' | 'renew' | undefined,
    ]
  >([
    [
      'nothing, where it is only reported',
      'refresh',
      work({ breaking: breaking(reference()) }),
      {},
      {},
      undefined,
    ],
    [
      'a repair',
      'refresh',
      work({ breaking: breaking(reference()) }),
      { repair: true },
      {},
      'repair',
    ],
    [
      'no second repair',
      'refresh',
      work({ breaking: breaking(reference()) }),
      { repair: true },
      { repaired: true },
      undefined,
    ],
    ['no repair of nothing', 'refresh', work(), { repair: true }, {}, undefined],
    [
      'no repair of what follows a named value',
      'refresh',
      work({ breaking: breaking(named) }),
      { repair: true },
      {},
      undefined,
    ],
    [
      'a repair of what was left out',
      'refresh',
      work({ breaking: { ...breaking(named), leftOut: 1 } }),
      { repair: true },
      {},
      'repair',
    ],
    ['a look, where it is held', 'refresh', work(), { hold: true }, {}, 'scan'],
    [
      'the repair before the look',
      'refresh',
      work({ breaking: breaking(reference()) }),
      { hold: true, repair: true },
      {},
      'repair',
    ],
    [
      'the look after the repair',
      'refresh',
      work({ breaking: breaking(reference()) }),
      { hold: true, repair: true },
      { repaired: true },
      'scan',
    ],
    ['no second look', 'refresh', work(), { hold: true }, { scanned: true }, undefined],
    [
      'no look before a step that changes nothing',
      'observe',
      work(),
      { hold: true },
      {},
      undefined,
    ],
    [
      'nothing where the step is blocked',
      'blocked',
      work({ breaking: breaking(reference()) }),
      { hold: true, repair: true },
      {},
      undefined,
    ],
    [
      'the named values once it is there',
      'none',
      work({ breaking: breaking(named) }),
      { repair: true },
      {},
      'renew',
    ],
    [
      'the named values once',
      'none',
      work({ breaking: breaking(named) }),
      { repair: true },
      { renewed: true },
      undefined,
    ],
    [
      'the named values that a look saw',
      'none',
      work(),
      { repair: true },
      { sawNamedValues: true },
      'renew',
    ],
    [
      'no named values where it is only reported',
      'none',
      work({ breaking: breaking(named) }),
      {},
      {},
      undefined,
    ],
  ])('is %s', (_, kind, one, references, mended, is) => {
    const facts = { observation, references };
    expect(planMending({ kind }, one, facts, { ...NOTHING, ...mended })).toBe(is);
  });

  test('comes to an end, whatever is set, known and found', () => {
    const flag = fc.boolean();
    fc.assert(
      fc.property(
        fc.record({ repair: flag, hold: flag, documents: flag, values: flag }),
        ({ repair, hold, documents, values }) => {
          const references = {
            ...(repair ? { repair: true as const } : {}),
            ...(hold ? { hold: true as const } : {}),
          };
          const found = [...(documents ? [reference()] : []), ...(values ? [named] : [])];
          const one = work(found.length === 0 ? {} : { breaking: breaking(...found) });
          const facts = { observation, references };
          let mended: Mended = NOTHING;
          const took: string[] = [];
          for (const kind of ['refresh', 'none'] as const) {
            for (;;) {
              const next = planMending({ kind }, one, facts, mended);
              if (next === undefined) break;
              took.push(next);
              mended = {
                ...mended,
                ...(next === 'repair' ? { repaired: true } : {}),
                ...(next === 'scan' ? { scanned: true } : {}),
                ...(next === 'renew' ? { renewed: true } : {}),
              };
              expect(took.length).toBeLessThan(4);
            }
          }
          expect(took).toEqual([
            ...(repair && documents ? ['repair'] : []),
            ...(hold ? ['scan'] : []),
            ...(repair && values ? ['renew'] : []),
          ]);
        },
      ),
    );
  });

  test('knows the thumbprints that go, and never the one that comes', () => {
    const one = work({ state: makeState({ thumbprint: NEW_THUMBPRINT }) });
    expect(goingThumbprints(one, observation)).toEqual([OLD_THUMBPRINT]);
    const { previousThumbprint: _, ...bare } = one;
    expect(goingThumbprints(bare, observation)).toEqual([]);
  });

  test.each([
    ['a refresh of what is older', 'refresh', makeState({ thumbprint: OLD_THUMBPRINT }), true],
    ['a push where nothing is', 'push', { kind: 'absent' }, false],
    ['a repoint to the same version', 'repoint', makeState({}), false],
    ['an attach', 'attach', { kind: 'absent' }, false],
  ] as const)('tells whether %s changes it', (_, kind, state, is) => {
    expect(changesThumbprint({ kind }, { state, observation })).toBe(is);
  });
});

describe('The plan for a target whose rotation is held', () => {
  const input = { source: SOURCE, observation, vaultSuffix: SUFFIX, ...work() };

  test('leaves it as it is, with what would break', () => {
    expect(planTarget({ ...input, wouldBreak: PROBLEM })).toEqual({
      kind: 'blocked',
      reason: 'WouldBreak',
      problem: PROBLEM,
    });
  });

  test('holds up no step that changes no thumbprint', () => {
    const state = { kind: 'unread' } as const;
    expect(planTarget({ ...input, state, wouldBreak: PROBLEM }).kind).toBe('observe');
    const there = makeState({});
    expect(planTarget({ ...input, state: there, wouldBreak: PROBLEM }).kind).toBe('none');
  });
});

function never(): never {
  throw new Error('there is something');
}
