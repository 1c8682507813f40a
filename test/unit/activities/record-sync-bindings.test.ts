import { makeRecordSync } from '../../../functions/activities/record-sync.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import { targetKey } from '../../../shared/domain/target.ts';
import {
  makeBinding,
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
import { makeMemoryLedger } from '../../support/memory-ledger.ts';
import {
  ANOTHER,
  blocked,
  ended,
  record,
  rotated,
  type Recorded,
} from '../../support/recorded-targets.ts';

const before = (at: string, seconds: number): string =>
  new Date(Date.parse(at) - seconds * 1_000).toISOString();

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
