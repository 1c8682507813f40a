import fc from 'fast-check';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import type { CleanupPolicy, Orphan } from '../../../shared/domain/cleanup.ts';
import {
  planCleanup,
  type CleanupFacts,
  type CleanupStep,
  type UsageLook,
} from '../../../shared/domain/plan-cleanup.ts';
import { REMOVING } from '../../support/cleanup-world.ts';
import {
  makeBinding,
  makeInstalled,
  makeLooks,
  makePushedBinding,
  makeState,
  makeUploaded,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  OTHER_SOURCE,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';

const SINCE = '2026-08-01T00:00:00.000Z';
const DURING = '2026-08-05T00:00:00.000Z';
const DUE = '2026-08-08T00:00:00.000Z';
const UNTIL = '2026-10-30T00:00:00.000Z';

const ORPHAN: Orphan = {
  target: TARGET,
  fate: 'soft-deleted',
  since: SINCE,
  seenAt: DUE,
  recoverableUntil: UNTIL,
  told: true,
};
const PURGED: Orphan = { ...ORPHAN, fate: 'purged', tracelessSince: SINCE };
const DELETED = { kind: 'soft-deleted', recoverableUntil: UNTIL, tags: {} } as const;

const REFERENCE: CertificateReference = {
  document: 'apis/orders/policies/policy',
  kind: 'policy',
  at: 'inbound/authentication-certificate/@certificate-id, line 4',
  by: 'id',
  certainty: 'certain',
  repairable: false,
};
const used = (...references: CertificateReference[]): UsageLook => ({
  kind: 'scanned',
  asOf: DUE,
  of: () => references,
});

/** Everything is known, and nothing keeps it. */
const facts = (more: Partial<CleanupFacts> = {}): CleanupFacts => ({
  orphan: ORPHAN,
  binding: makeBinding(),
  record: { source: SOURCE, problems: [] },
  policy: REMOVING,
  now: DUE,
  vaultSeen: true,
  usage: used(),
  sighting: DELETED,
  target: makeState() as CleanupFacts['target'],
  ...more,
});
const policy = (more: Partial<CleanupPolicy>): Partial<CleanupFacts> => ({
  policy: { ...REMOVING, ...more },
});
const orphan = (more: Partial<Orphan>): Partial<CleanupFacts> => ({
  orphan: { ...ORPHAN, ...more },
});
const bound = (more: Partial<Binding>): Partial<CleanupFacts> => ({ binding: makeBinding(more) });
const say = (step: CleanupStep): string =>
  step.kind === 'look' ? `look at ${step.at}` : `${step.kind}: ${step.reason}`;

test('What is due, owned, unused and as it was seen is removed, bound to what was seen', () => {
  expect(planCleanup(facts())).toEqual({
    kind: 'remove',
    reason: 'SourceGone',
    etag: '"1"',
    installed: makeInstalled(),
  });
});

describe('A target whose source is gone', () => {
  test.each<[sentence: string, more: Partial<CleanupFacts>, step: string]>([
    ['is left when its last version asked for that', orphan({ handsOff: true }), 'keep: HandsOff'],
    ['is left to the sync that detaches it', bound({ leaving: true }), 'keep: Leaving'],
    [
      'is left when nothing of it was ever installed',
      bound({ claimed: false }),
      'keep: NotSupported',
    ],
    ['is left while it is doubted', orphan({ doubted: { told: true } }), 'keep: Doubted'],
    ['is left when it was only discovered', bound({ origin: 'discovered' }), 'keep: NotOwned'],
    [
      'goes though it was only discovered, if so set',
      { ...bound({ origin: 'discovered' }), ...policy({ discovered: true }) },
      'remove: SourceGone',
    ],
    ['is only reported, unless it is set to go', policy({ mode: 'report' }), 'keep: ModeIsReport'],
    ['is left during its grace', { now: DURING }, 'keep: GraceRuns'],
    [
      'goes at once without a grace',
      { ...policy({ graceSeconds: 0 }), now: SINCE },
      'remove: SourceGone',
    ],
    [
      'is left while its source can be recovered, if so set',
      policy({ afterRecovery: true }),
      'keep: StillRecoverable',
    ],
    [
      'goes when its source was purged, whatever is set about recovery',
      { ...policy({ afterRecovery: true }), orphan: PURGED, sighting: { kind: 'traceless' } },
      'remove: SourceGone',
    ],
    [
      'is left when its vault was not seen in this sweep',
      { vaultSeen: false },
      'keep: VaultUnseen',
    ],
    ['has what uses it looked at', { usage: { kind: 'unread' } }, 'look at usage'],
    [
      'is left when nobody knows what uses it',
      { usage: { kind: 'unknown', problem: PROBLEM } },
      'keep: UseUnknown',
    ],
    ['has its source looked at once more', { sighting: { kind: 'unread' } }, 'look at source'],
    ['is left when its source is back', { sighting: { kind: 'present' } }, 'keep: SourceBack'],
    [
      'is left when its source cannot be looked at',
      { sighting: { kind: 'unknown', problem: PROBLEM } },
      'keep: SourceUnknown',
    ],
    [
      'is left when its source was back, and was deleted once more',
      { sighting: { ...DELETED, recoverableUntil: '2026-11-05T00:00:00.000Z' } },
      'keep: DeletedAnew',
    ],
    [
      'is left when its source has just vanished: it may be on its way back',
      { sighting: { kind: 'traceless' } },
      'keep: NotSettled',
    ],
    [
      'goes when the time of its source had run out',
      { ...orphan({ recoverableUntil: DUE }), sighting: { kind: 'traceless' } },
      'remove: SourceGone',
    ],
    ['is looked at once more itself', { target: { kind: 'unread' } }, 'look at target'],
    [
      'is left when it cannot be looked at',
      { target: { kind: 'unknown', problem: PROBLEM } },
      'keep: TargetUnknown',
    ],
    ['is given up when it is gone', { target: { kind: 'absent' } }, 'release: NotInPlace'],
    [
      'is given up when it was pointed elsewhere',
      {
        target: makeState({
          reference: {
            kind: 'key-vault',
            secret: { source: OTHER_SOURCE, collection: 'secrets' },
          },
        }) as CleanupFacts['target'],
      },
      'release: NotOurs',
    ],
    ['is given up when somebody uploaded another', { target: makeUploaded() }, 'release: NotOurs'],
    [
      'is left when nothing ties a removal to what was seen',
      { target: { kind: 'present', installed: { reference: makeInstalled().reference } } },
      'keep: TargetUnknown',
    ],
    ['is left when it is in use', { usage: used(REFERENCE) }, 'keep: InUse'],
    [
      'is left when it may be in use',
      { usage: used({ ...REFERENCE, by: 'expression', certainty: 'possible' }) },
      'keep: MayBeInUse',
    ],
  ])('%s', (_, more, step) => {
    expect(say(planCleanup(facts(more)))).toBe(step);
  });

  test.each<[sentence: string, thumbprint: string, step: string]>([
    ['goes when it is what Certkeeper pushed', OLD_THUMBPRINT, 'remove: SourceGone'],
    ['goes when it is another version of the source', NEW_THUMBPRINT, 'remove: SourceGone'],
    ["is given up when it is somebody else's", 'C'.repeat(40), 'release: NotOurs'],
  ])('in a workspace %s', (_, thumbprint, step) => {
    const record = {
      source: SOURCE,
      problems: [],
      verified: { version: 'v', looks: makeLooks({ thumbprint: NEW_THUMBPRINT }) },
    };
    const more = { binding: makePushedBinding(), record, target: makeUploaded({ thumbprint }) };
    expect(say(planCleanup(facts(more)))).toBe(step);
  });

  test('says when it will go while only time keeps it, and why it stays otherwise', () => {
    expect(planCleanup(facts({ now: DURING }))).toMatchObject({ removeAfter: DUE });
    expect(planCleanup(facts(policy({ afterRecovery: true })))).toMatchObject({
      removeAfter: UNTIL,
    });
    const inUse = planCleanup(facts({ usage: used(REFERENCE) }));
    expect(inUse).toMatchObject({
      problem: {
        code: 'TARGET_IN_USE',
        message: expect.stringContaining('apis/orders/policies/policy') as string,
      },
    });
    expect(inUse).not.toHaveProperty('removeAfter');
  });

  test('is looked for by every thumbprint that it has, and had', () => {
    const asked: string[] = [];
    const usage: UsageLook = {
      kind: 'scanned',
      asOf: DUE,
      of: (thumbprints) => {
        asked.push(...thumbprints);
        return [];
      },
    };
    const record = { source: SOURCE, problems: [], earlier: ['E'.repeat(40)] };
    planCleanup(facts({ usage, record, binding: makeBinding() }));
    expect(asked.sort()).toEqual([NEW_THUMBPRINT, OLD_THUMBPRINT, 'E'.repeat(40)].sort());
  });
});

describe('Whatever is known', () => {
  const any = <const One>(...some: readonly One[]): fc.Arbitrary<One> => fc.constantFrom(...some);
  const anyFacts = fc.record({
    orphan: any(
      ORPHAN,
      PURGED,
      { ...ORPHAN, handsOff: true as const },
      { ...ORPHAN, doubted: { told: false } },
    ),
    binding: any(
      makeBinding(),
      makeBinding({ origin: 'discovered' }),
      makeBinding({ claimed: false }),
      makeBinding({ leaving: true }),
      makePushedBinding(),
    ),
    record: any({ source: SOURCE, problems: [] }),
    policy: fc.record({
      mode: any('report', 'remove'),
      graceSeconds: any(0, 604_800),
      afterRecovery: fc.boolean(),
      discovered: fc.boolean(),
      maxShare: any(0.25),
    }),
    now: any(SINCE, DURING, DUE, UNTIL),
    vaultSeen: fc.boolean(),
    usage: any<UsageLook>(
      { kind: 'unread' },
      { kind: 'unknown', problem: PROBLEM },
      used(),
      used(REFERENCE),
      used({ ...REFERENCE, certainty: 'possible' }),
    ),
    sighting: any<CleanupFacts['sighting']>(
      { kind: 'unread' },
      { kind: 'unknown', problem: PROBLEM },
      { kind: 'present' },
      { kind: 'traceless' },
      DELETED,
    ),
    target: any<CleanupFacts['target']>(
      { kind: 'unread' },
      { kind: 'unknown', problem: PROBLEM },
      { kind: 'absent' },
      makeState() as CleanupFacts['target'],
      makeUploaded(),
      makeUploaded({ thumbprint: OLD_THUMBPRINT }),
    ),
  });

  test('nothing is removed but what is due, owned, unused, believed and seen just now', () => {
    fc.assert(
      fc.property(anyFacts, (one) => {
        const step = planCleanup(one);
        if (step.kind !== 'remove') return;
        const { orphan: row, binding, policy: rules, usage, sighting } = one;
        expect(rules.mode).toBe('remove');
        expect(one.vaultSeen).toBe(true);
        expect(row.doubted).toBeUndefined();
        expect(row.handsOff).toBeUndefined();
        expect(binding.claimed).toBe(true);
        expect(binding.origin === 'discovered' && !rules.discovered).toBe(false);
        expect(Date.parse(one.now)).toBeGreaterThanOrEqual(
          Date.parse(row.since) + rules.graceSeconds * 1_000,
        );
        expect(usage.kind === 'scanned' && usage.of([]).length === 0).toBe(true);
        expect(['soft-deleted', 'traceless']).toContain(sighting.kind);
        expect(one.target.kind).toBe('present');
        if (rules.afterRecovery && row.fate === 'soft-deleted') {
          expect(one.now >= UNTIL).toBe(true);
        }
      }),
    );
  });

  test('a look is asked for only where it is missing, and leads on', () => {
    fc.assert(
      fc.property(anyFacts, (one) => {
        const step = planCleanup(one);
        if (step.kind !== 'look') return;
        const looked: Partial<CleanupFacts> =
          step.at === 'usage'
            ? { usage: used() }
            : step.at === 'source'
              ? { sighting: DELETED }
              : { target: { kind: 'absent' } };
        const { usage, sighting, target } = one;
        const missing = { usage, source: sighting, target }[step.at];
        expect(missing.kind).toBe('unread');
        expect(planCleanup({ ...one, ...looked })).not.toEqual(step);
      }),
    );
  });
});
