import { makeRecordSync, type RecordSyncInput } from '../../../functions/activities/record-sync.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import type { TargetOutcome } from '../../../shared/domain/outcome.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import { targetKey, formatTarget } from '../../../shared/domain/target.ts';
import {
  makeBinding,
  makeLooks,
  makePresent,
  makePushedBinding,
  NEW_THUMBPRINT,
  NEW_VERSION,
  NOW,
  OLD_THUMBPRINT,
  OLD_VERSION,
  OTHER_SOURCE,
  PROBLEM,
  SOURCE,
  TARGET,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger, type MemoryLedger } from '../../support/memory-ledger.ts';

const ANOTHER = { ...TARGET, id: 'another' };
type Recorded = RecordSyncInput['targets'][number];

function ended(outcome: Partial<TargetOutcome>, other: Partial<Recorded> = {}): Recorded {
  const target = other.target ?? TARGET;
  return {
    target,
    origin: 'tag',
    claimed: true,
    versionless: true,
    outcome: {
      target: formatTarget(target),
      outcome: 'current',
      reason: 'AlreadyCurrent',
      ...outcome,
    },
    ...other,
  };
}

const rotated = (other: Partial<Recorded> = {}) =>
  ended({ outcome: 'rotated', reason: 'NewVersion', thumbprint: NEW_THUMBPRINT }, other);
const blocked = (other: Partial<Recorded> = {}) =>
  ended({ outcome: 'blocked', reason: 'Refused', problem: PROBLEM }, other);

const before = (at: string, seconds: number): string =>
  new Date(Date.parse(at) - seconds * 1_000).toISOString();

async function record(
  ledger: MemoryLedger,
  targets: readonly Recorded[],
  other: Partial<RecordSyncInput> = {},
): Promise<readonly Binding[]> {
  const input: RecordSyncInput = {
    source: SOURCE,
    observation: makePresent(),
    problems: [],
    targets,
    unbind: false,
    ignored: false,
    at: NOW,
    ...other,
  };
  const run = makeRecordSync(ledger, makeMemoryHistory());
  await run(input);
  const once = await ledger.ofSource(SOURCE);
  const claims = new Map(ledger.claims);
  // The engine may run an activity again: whatever the case, twice must leave what once leaves.
  await run(input);
  expect(await ledger.ofSource(SOURCE)).toEqual(once);
  expect(ledger.claims).toEqual(claims);
  return once.bindings;
}

describe('What was pushed', () => {
  const target = WORKSPACE_TARGET;
  const BEFORE = makePushedBinding();
  const pushed = rotated({ target, versionless: false, etag: '"2"' });

  test('is known with the state that it left behind', async () => {
    await expect(record(makeMemoryLedger([BEFORE]), [pushed])).resolves.toMatchObject([
      { pushed: { thumbprint: NEW_THUMBPRINT, etag: '"2"' }, targetThumbprint: NEW_THUMBPRINT },
    ]);
  });

  test("is not known as Certkeeper's own when something else was found there", async () => {
    const foreign = 'F'.repeat(40);
    const changed = ended(
      { outcome: 'blocked', reason: 'TargetChanged', problem: PROBLEM, thumbprint: foreign },
      { target, versionless: false, etag: '"9"' },
    );
    await expect(record(makeMemoryLedger([BEFORE]), [changed])).resolves.toMatchObject([
      { pushed: { thumbprint: OLD_THUMBPRINT, etag: '"1"' }, targetThumbprint: foreign },
    ]);
  });

  test('has no state to go by where the service answered none', async () => {
    const { etag: _, ...without } = pushed;
    const [binding] = await record(makeMemoryLedger([BEFORE]), [without]);
    expect(binding?.pushed).toEqual({ thumbprint: NEW_THUMBPRINT });
  });

  test('says nothing of a reference', async () => {
    const [binding] = await record(makeMemoryLedger([makeBinding()]), [rotated({ etag: '"2"' })]);
    expect(binding).not.toHaveProperty('pushed');
  });
});

describe('The binding after a sync', () => {
  const BEFORE = makeBinding({ changedAt: '2026-07-01T00:00:00.000Z' });
  const VERIFIED: Partial<Binding> = {
    status: 'verified',
    verifiedVersion: NEW_VERSION,
    verifiedAt: NOW,
  };
  const UNVERIFIED = { verifiedVersion: OLD_VERSION, verifiedAt: '2026-07-01T00:00:00.000Z' };

  test.each<[sentence: string, before: Binding[], target: Recorded, after: Partial<Binding>]>([
    [
      'is verified and changed now when it was rotated',
      [BEFORE],
      rotated(),
      { ...VERIFIED, changedAt: NOW, targetThumbprint: NEW_THUMBPRINT, claimed: true },
    ],
    [
      'is verified now and was changed before when it was current',
      [BEFORE],
      ended({ thumbprint: NEW_THUMBPRINT }),
      { ...VERIFIED, changedAt: '2026-07-01T00:00:00.000Z', targetThumbprint: NEW_THUMBPRINT },
    ],
    [
      'is new and its own when it was attached',
      [],
      ended(
        { outcome: 'attached', reason: 'TargetAbsent', thumbprint: NEW_THUMBPRINT },
        { claimed: false },
      ),
      { ...VERIFIED, claimed: true, changedAt: NOW, origin: 'tag', versionless: true },
    ],
    [
      'becomes its own when what a tag asks for was found in order',
      [makeBinding({ claimed: false })],
      ended({ thumbprint: NEW_THUMBPRINT }, { claimed: false }),
      { ...VERIFIED, claimed: true },
    ],
    [
      'keeps what was verified before when it is blocked, with the problem',
      [BEFORE],
      blocked(),
      { ...UNVERIFIED, status: 'blocked', problem: PROBLEM, targetThumbprint: OLD_THUMBPRINT },
    ],
    [
      'keeps what was verified before when it failed',
      [BEFORE],
      ended({ outcome: 'failed', reason: 'Refused', problem: PROBLEM, thumbprint: 'C' }),
      { ...UNVERIFIED, status: 'failed', problem: PROBLEM, targetThumbprint: 'C' },
    ],
    [
      'is not its own when it was asked for and blocked',
      [],
      blocked({ claimed: false, versionless: false }),
      { status: 'blocked', claimed: false, versionless: false, problem: PROBLEM },
    ],
    [
      'takes the origin that the sync saw',
      [makeBinding({ origin: 'discovered' })],
      rotated({ origin: 'tag' }),
      { origin: 'tag' },
    ],
    [
      'stays versionless when nothing was seen of it this time',
      [BEFORE],
      blocked({ versionless: false }),
      { versionless: true },
    ],
    [
      'is not versionless any more when it was seen pinned',
      [BEFORE],
      ended(
        { outcome: 'blocked', thumbprint: OLD_THUMBPRINT, problem: PROBLEM },
        { versionless: false },
      ),
      { versionless: false },
    ],
  ])('%s', async (_, before, target, after) => {
    const bindings = await record(makeMemoryLedger(before), [target]);
    expect(bindings).toHaveLength(1);
    expect(bindings[0]).toMatchObject(after);
  });

  test('says when it was last rotated, and how long after the version was created', async () => {
    const observation = makePresent({ createdAt: before(NOW, 90) });
    const [first] = await record(makeMemoryLedger([BEFORE]), [rotated()], { observation });
    expect(first?.rotation).toEqual({ at: NOW, seconds: 90 });
    // What it held already, and what is attached anew, says nothing of how long a rotation takes.
    const ledger = makeMemoryLedger(first === undefined ? [] : [first]);
    const [second] = await record(ledger, [ended({ thumbprint: NEW_THUMBPRINT })], { observation });
    expect(second?.rotation).toEqual({ at: NOW, seconds: 90 });
    const attached = ended({ outcome: 'attached', thumbprint: NEW_THUMBPRINT });
    const [third] = await record(makeMemoryLedger([BEFORE]), [attached], { observation });
    expect(third).not.toHaveProperty('rotation');
  });

  test('keeps who allowed it, and the leave to take over until it is verified', async () => {
    const before = makeBinding({ origin: 'http', allowedBy: 'manage', takeOver: true });
    const ledger = makeMemoryLedger([before]);
    const http = { origin: 'http' } as const;
    await expect(record(ledger, [blocked(http)])).resolves.toMatchObject([
      { allowedBy: 'manage', takeOver: true },
    ]);
    const [binding] = await record(ledger, [rotated(http)]);
    expect(binding).toMatchObject({ allowedBy: 'manage' });
    expect(binding).not.toHaveProperty('takeOver');
  });

  test('has no problem any more once it is verified', async () => {
    const ledger = makeMemoryLedger([makeBinding({ status: 'blocked', problem: PROBLEM })]);
    const [binding] = await record(ledger, [rotated()]);
    expect(binding).not.toHaveProperty('problem');
  });

  test('names no version as verified when the version is not known', async () => {
    const ledger = makeMemoryLedger([makeBinding()]);
    const [binding] = await record(ledger, [blocked()], { observation: { kind: 'disabled' } });
    expect(binding).toMatchObject({ status: 'blocked', verifiedVersion: OLD_VERSION });
  });

  test("stays somebody else's when they took the target first", async () => {
    const ledger = makeMemoryLedger([makeBinding({ source: OTHER_SOURCE })]);
    const found = ended({ thumbprint: NEW_THUMBPRINT }, { claimed: false });
    const [binding] = await record(ledger, [found]);
    expect(binding).toMatchObject({ claimed: false });
    expect(ledger.claims.get(targetKey(TARGET))).toEqual(OTHER_SOURCE);
  });
});

describe('A binding is given up', () => {
  test('with all others when the tag says none, and with its claim', async () => {
    const ledger = makeMemoryLedger([makeBinding(), makeBinding({ target: ANOTHER })]);
    await expect(record(ledger, [], { unbind: true })).resolves.toEqual([]);
    expect(ledger.claims.size).toBe(0);
  });

  test('when it was only discovered and its target is gone', async () => {
    const ledger = makeMemoryLedger([
      makeBinding({ origin: 'discovered' }),
      makeBinding({ target: ANOTHER }),
    ]);
    const bindings = await record(ledger, [
      ended({ outcome: 'released', reason: 'TargetGone' }),
      ended({}, { target: ANOTHER }),
    ]);
    expect(bindings).toMatchObject([{ target: ANOTHER }]);
    expect(ledger.claims.has(targetKey(TARGET))).toBe(false);
  });

  test('when it was only asked for and the tag names something else now', async () => {
    const ledger = makeMemoryLedger([
      makeBinding({ claimed: false }),
      makeBinding({ target: ANOTHER }),
    ]);
    const bindings = await record(ledger, [ended({}, { target: ANOTHER })]);
    expect(bindings).toMatchObject([{ target: ANOTHER }]);
  });

  test('never by a tag, when it was asked for by HTTP', async () => {
    const ledger = makeMemoryLedger([
      makeBinding({ claimed: false, origin: 'http' }),
      makeBinding({ target: ANOTHER }),
    ]);
    await expect(record(ledger, [ended({}, { target: ANOTHER })])).resolves.toHaveLength(2);
  });

  test.each([
    ['its own', rotated()],
    ['asked for by HTTP', rotated({ claimed: false, origin: 'http' })],
  ])('for good when it was %s and was detached while the sync was on its way', async (_, one) => {
    const ledger = makeMemoryLedger();
    await expect(record(ledger, [one])).resolves.toEqual([]);
    expect(ledger.claims.size).toBe(0);
  });

  test('never because a sync did not mention it, once it is its own', async () => {
    const ledger = makeMemoryLedger([makeBinding(), makeBinding({ target: ANOTHER })]);
    await expect(record(ledger, [rotated()])).resolves.toHaveLength(2);
    await expect(record(ledger, [])).resolves.toHaveLength(2);
    expect(ledger.claims.size).toBe(2);
  });

  test('never by a look that did not take place', async () => {
    const ledger = makeMemoryLedger([makeBinding({ claimed: false })]);
    const input = {
      source: SOURCE,
      problems: [PROBLEM],
      targets: [],
      unbind: false,
      ignored: false,
      at: NOW,
    };
    await makeRecordSync(ledger, makeMemoryHistory())(input);
    await expect(ledger.ofSource(SOURCE)).resolves.toMatchObject({
      bindings: [{ target: TARGET }],
    });
  });
});

test('A sync that keeps its hands off gives no ask up', async () => {
  const ledger = makeMemoryLedger([makeBinding({ claimed: false })]);
  await expect(record(ledger, [])).resolves.toMatchObject([{ target: TARGET }]);
});

describe('The record of a source after a sync', () => {
  const recordOf = async (ledger: MemoryLedger) => (await ledger.ofSource(SOURCE)).record;

  test('says what was seen of it, and when', async () => {
    const ledger = makeMemoryLedger();
    await record(ledger, [], { problems: [PROBLEM] });
    await expect(recordOf(ledger)).resolves.toMatchObject({
      source: SOURCE,
      version: NEW_VERSION,
      thumbprint: NEW_THUMBPRINT,
      enabled: true,
      expiresAt: '2027-07-25T01:00:00.000Z',
      seenAt: NOW,
      problems: [PROBLEM],
    });
  });

  describe('and what a new version is measured by', () => {
    const before = { version: OLD_VERSION, looks: makeLooks() };
    const looks = makeLooks({ serialNumber: '02' });
    const after = { version: NEW_VERSION, looks };
    const known = { source: SOURCE, verified: before, problems: [] };
    const observation = makePresent({ looks });

    test.each<[sentence: string, targets: Recorded[], verified: object]>([
      [
        'is the version that was verified at a target',
        [rotated(), blocked({ target: ANOTHER })],
        after,
      ],
      ['stays the one before while nothing was verified', [blocked()], before],
      ['stays the one before while nothing is bound', [], before],
    ])('%s', async (_, targets, verified) => {
      const ledger = makeMemoryLedger([makeBinding(), makeBinding({ target: ANOTHER })], [known]);
      await record(ledger, targets, { observation });
      await expect(recordOf(ledger)).resolves.toMatchObject({ verified });
    });

    test.each<[sentence: string, observation: SourceObservation]>([
      ['cannot be read', makePresent()],
      ['is disabled', { kind: 'disabled' }],
      ['is gone', { kind: 'missing' }],
    ])('stays the one before when the certificate %s', async (_, seen) => {
      const ledger = makeMemoryLedger([makeBinding()], [known]);
      await record(ledger, [blocked()], { observation: seen });
      await expect(recordOf(ledger)).resolves.toMatchObject({ verified: before });
    });

    test('stands beside a warning for as long as that version is the current one', async () => {
      const ledger = makeMemoryLedger([makeBinding()], [known]);
      const warning = { code: 'VERSION_SUSPECT', message: 'It looks wrong.' } as const;
      await record(ledger, [rotated()], { observation, warning });
      const suspect = { version: NEW_VERSION, problem: warning };
      await expect(recordOf(ledger)).resolves.toMatchObject({ suspect });
      await record(ledger, [ended({})], { observation });
      await expect(recordOf(ledger)).resolves.toMatchObject({ suspect });
      await record(ledger, [ended({})], { observation: makePresent({ version: 'v3' }) });
      expect(await recordOf(ledger)).not.toHaveProperty('suspect');
    });
  });

  test('forgets a problem that is gone', async () => {
    const ledger = makeMemoryLedger([], [{ source: SOURCE, problems: [PROBLEM] }]);
    await record(ledger, []);
    await expect(recordOf(ledger)).resolves.toMatchObject({ problems: [] });
  });

  test.each([
    ['keeps', 'disabled', { version: OLD_VERSION, enabled: false, seenAt: NOW }],
    ['drops', 'missing', { seenAt: NOW }],
  ] as const)('%s what is known of its version when it is %s', async (_, kind, expected) => {
    const known = { source: SOURCE, version: OLD_VERSION, enabled: true, problems: [] };
    const ledger = makeMemoryLedger([], [known]);
    await record(ledger, [], { observation: { kind } });
    await expect(recordOf(ledger)).resolves.toEqual({ source: SOURCE, problems: [], ...expected });
  });

  test('was not seen when it could not be read', async () => {
    const ledger = makeMemoryLedger();
    const input = {
      source: SOURCE,
      problems: [PROBLEM],
      targets: [],
      unbind: false,
      ignored: false,
      at: NOW,
    };
    await makeRecordSync(ledger, makeMemoryHistory())(input);
    const seen = await recordOf(ledger);
    expect(seen).toMatchObject({ source: SOURCE, problems: [PROBLEM] });
    expect(seen).not.toHaveProperty('seenAt');
  });
});

describe('The history of a source after a sync', () => {
  const input = (other: Partial<RecordSyncInput> = {}): RecordSyncInput => ({
    source: SOURCE,
    observation: makePresent(),
    problems: [],
    targets: [],
    unbind: false,
    ignored: false,
    at: NOW,
    ...other,
  });
  const historyOf = async (
    before: readonly Binding[],
    sync: RecordSyncInput,
    told: readonly Problem[] = [],
  ) => {
    const history = makeMemoryHistory();
    const ledger = makeMemoryLedger(before, [{ source: SOURCE, problems: told }]);
    const run = makeRecordSync(ledger, history);
    await run(sync);
    // The activity may run again, with the ledger written already.
    await run(sync);
    return await history.list(SOURCE);
  };
  const PATH = formatTarget(TARGET);

  test.each<[sentence: string, before: Binding[], sync: RecordSyncInput, entry: object]>([
    [
      'says that a target was rotated, to which version, and by whom',
      [makeBinding()],
      input({ targets: [rotated()] }),
      {
        source: SOURCE,
        at: NOW,
        what: 'sync',
        by: { kind: 'platform' },
        verdict: 'succeeded',
        version: NEW_VERSION,
        targets: [{ target: PATH, outcome: 'rotated', reason: 'NewVersion' }],
      },
    ],
    [
      'says what newly stands in the way, by its code',
      [makeBinding()],
      input({ targets: [blocked()] }),
      {
        verdict: 'blocked',
        targets: [{ target: PATH, outcome: 'blocked', reason: 'Refused', problem: PROBLEM.code }],
      },
    ],
    [
      'says that what stood in the way is gone',
      [makeBinding({ status: 'blocked', problem: PROBLEM })],
      input({ targets: [ended({})] }),
      { targets: [{ target: PATH, outcome: 'current', reason: 'AlreadyCurrent' }] },
    ],
    [
      'says that a discovered target was found in order for the first time',
      [makeBinding({ origin: 'discovered', status: 'pending' })],
      input({ targets: [ended({}, { origin: 'discovered' })] }),
      { targets: [{ target: PATH, outcome: 'current', reason: 'AlreadyCurrent' }] },
    ],
    [
      'names the targets that were news and no others',
      [makeBinding(), makeBinding({ target: ANOTHER })],
      input({ targets: [rotated(), ended({}, { target: ANOTHER })] }),
      { targets: [{ target: PATH, outcome: 'rotated', reason: 'NewVersion' }] },
    ],
    [
      'says that a discovered target is gone',
      [makeBinding({ origin: 'discovered' })],
      input({ targets: [ended({ outcome: 'released', reason: 'TargetGone' })] }),
      { targets: [{ target: PATH, outcome: 'released', reason: 'TargetGone' }] },
    ],
    [
      'says what the tag gave up',
      [makeBinding()],
      input({ unbind: true }),
      { targets: [{ target: PATH, outcome: 'released', reason: 'TagSaysNone' }] },
    ],
    [
      'says which ask was withdrawn',
      [makeBinding({ claimed: false }), makeBinding({ target: ANOTHER })],
      input({ targets: [ended({}, { target: ANOTHER })] }),
      { targets: [{ target: PATH, outcome: 'released', reason: 'AskWithdrawn' }] },
    ],
    [
      'says what stands in the way of the whole certificate',
      [],
      { ...input({ problems: [PROBLEM] }) },
      { verdict: 'blocked', problems: [PROBLEM.code] },
    ],
  ])('%s', async (_, before, sync, entry) => {
    const entries = await historyOf(before, sync);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject(entry);
  });

  test('names who asked for the sync', async () => {
    const by = { kind: 'entra', id: 'an-id', name: 'Ann' } as const;
    const entries = await historyOf([makeBinding()], input({ targets: [rotated()], by }));
    expect(entries).toMatchObject([{ by }]);
  });

  test('says that the certificate as a whole is in order again', async () => {
    const entries = await historyOf([], input(), [PROBLEM]);
    expect(entries).toMatchObject([{ verdict: 'succeeded' }]);
    expect(entries[0]).not.toHaveProperty('problems');
  });

  test('says nothing of a sync that found what was known', async () => {
    await expect(historyOf([makeBinding()], input({ targets: [ended({})] }))).resolves.toEqual([]);
    const still = [makeBinding({ status: 'blocked', problem: PROBLEM })];
    await expect(historyOf(still, input({ targets: [blocked()] }))).resolves.toEqual([]);
    const whole = input({ problems: [PROBLEM] });
    await expect(historyOf([], whole, [PROBLEM])).resolves.toEqual([]);
  });

  test('is written once when the activity fails after it and runs again', async () => {
    const history = makeMemoryHistory();
    const ledger = makeMemoryLedger([makeBinding()]);
    const failing = { ...ledger, save: () => Promise.reject(new Error('the power is gone')) };
    const sync = input({ targets: [rotated()] });
    await expect(makeRecordSync(failing, history)(sync)).rejects.toThrow();
    await makeRecordSync(ledger, history)(sync);
    await expect(history.list(SOURCE)).resolves.toMatchObject([{ verdict: 'succeeded' }]);
  });
});

describe('What a rotation broke', () => {
  const warning: Problem = { code: 'REFERENCES_WOULD_BREAK', message: 'A policy refers to it so.' };
  const broken = { thumbprints: [OLD_THUMBPRINT], problems: [warning] };
  const lookedUp = { referred: { lookedUp: [OLD_THUMBPRINT], by: [] } };
  const breaking = ended({
    outcome: 'rotated',
    reason: 'NewVersion',
    thumbprint: NEW_THUMBPRINT,
    previousThumbprint: OLD_THUMBPRINT,
    warnings: [warning],
  });

  test('is noted at the binding, and in the history', async () => {
    const ledger = makeMemoryLedger([makeBinding({ targetThumbprint: OLD_THUMBPRINT })]);
    const [binding] = await record(ledger, [breaking]);
    expect(binding?.broken).toEqual(broken);
  });

  test('stays noted while a later sync finds it still so', async () => {
    const ledger = makeMemoryLedger([makeBinding({ broken })]);
    const still = ended({
      thumbprint: NEW_THUMBPRINT,
      previousThumbprint: NEW_THUMBPRINT,
      warnings: [warning],
    });
    const [binding] = await record(ledger, [still]);
    expect(binding?.broken).toEqual(broken);
  });

  test.each<[sentence: string, outcome: Recorded, noted: boolean]>([
    [
      'goes when a later sync finds nothing left of it',
      { ...ended({ thumbprint: NEW_THUMBPRINT }), ...lookedUp },
      false,
    ],
    [
      'stays when a later sync has not looked it up, however little it warns of',
      ended({ thumbprint: NEW_THUMBPRINT }),
      true,
    ],
    [
      'stays when the next rotation looks up another thumbprint alone',
      {
        ...ended({ outcome: 'rotated', thumbprint: 'C'.repeat(40) }),
        referred: { lookedUp: [NEW_THUMBPRINT], by: [] },
      },
      true,
    ],
    [
      'goes when that thumbprint is the one in place again',
      ended({ outcome: 'rotated', thumbprint: OLD_THUMBPRINT }),
      false,
    ],
    ['stays when a later sync could not verify the target', blocked(), true],
  ])('%s', async (_, outcome, noted) => {
    const ledger = makeMemoryLedger([makeBinding({ broken })]);
    const [binding] = await record(ledger, [outcome]);
    expect(binding?.broken !== undefined).toBe(noted);
  });

  test('is not what another certificate keeps resolving', async () => {
    const ledger = makeMemoryLedger([makeBinding({ targetThumbprint: OLD_THUMBPRINT })]);
    const kept = { ...breaking.outcome, warnings: [{ ...warning, code: 'REFERENCE_RESOLVES' }] };
    const [binding] = await record(ledger, [
      { ...breaking, outcome: kept as typeof breaking.outcome },
    ]);
    expect(binding).not.toHaveProperty('broken');
  });

  test('is added to what an earlier one broke', async () => {
    const ledger = makeMemoryLedger([makeBinding({ broken })]);
    const next: Problem = { ...warning, message: 'A backend refers to it so.' };
    const [binding] = await record(ledger, [
      {
        ...ended({ outcome: 'rotated', thumbprint: 'C'.repeat(40), warnings: [next] }),
        referred: { lookedUp: [NEW_THUMBPRINT], by: [NEW_THUMBPRINT] },
      },
    ]);
    expect(binding?.broken).toEqual({
      thumbprints: [NEW_THUMBPRINT, OLD_THUMBPRINT],
      problems: [next, warning],
    });
  });
});

describe('A detaching that was refused', () => {
  const leaving = makeBinding({ leaving: true, forced: true });
  const stopped = (code: Problem['code'], outcome: 'blocked' | 'failed' = 'blocked'): Recorded => ({
    ...ended({ outcome, reason: 'Refused', problem: { code, message: 'No.' } }),
    leaving: true,
  });

  test.each<[sentence: string, one: Recorded, kept: boolean]>([
    ['is over when something uses it', stopped('TARGET_IN_USE'), false],
    ['is over when something may use it', stopped('TARGET_MAY_BE_IN_USE'), false],
    ['is over when Certkeeper may not', stopped('CERTKEEPER_PERMISSION_MISSING'), false],
    ['goes on when what refuses it passes', stopped('AZURE_UNAVAILABLE', 'failed'), true],
    ['goes on while an update goes on', stopped('CA_UPDATE_UNFINISHED'), true],
    [
      'goes on when it was asked for after this sync had looked',
      ended({ outcome: 'blocked', reason: 'VersionHeld', problem: PROBLEM }),
      true,
    ],
  ])('%s', async (_, one, kept) => {
    const [binding] = await record(makeMemoryLedger([leaving]), [one]);
    expect([binding?.leaving, binding?.forced]).toEqual(
      kept ? [true, true] : [undefined, undefined],
    );
  });
});
