import { planTarget, type PlanInput } from '../../../shared/domain/plan.ts';
import { afterStep, type Work } from '../../../shared/domain/work.ts';
import { NO_TRIES, type TargetState } from '../../../shared/domain/target-state.ts';
import {
  makePresent,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  PROBLEM,
  SOURCE,
  SUFFIX,
} from '../../support/domain-samples.ts';
import { APPLICATION } from '../../support/key-world.ts';

const WORK: Work = {
  target: APPLICATION,
  standing: { kind: 'bound', origin: 'tag' },
  consented: true,
  configured: true,
  state: { kind: 'unread' },
  tries: NO_TRIES,
};
const key = (
  thumbprint: string,
  other: { own?: boolean; settled?: boolean; version?: string } = {},
): TargetState => ({
  kind: 'present',
  installed: {
    reference: { kind: 'public-key', own: other.own ?? true, settled: other.settled ?? true },
    thumbprint,
    ...(other.version === undefined ? {} : { pushedVersion: other.version }),
  },
});

function plan(work: Partial<Work>, other: Partial<PlanInput> = {}) {
  const facts = { source: SOURCE, observation: makePresent(), vaultSuffix: SUFFIX };
  const step = planTarget({ ...facts, ...WORK, ...work, ...other });
  return `${step.kind} ${step.reason}`;
}

describe('The plan for the keys of an application', () => {
  test.each<[string, Partial<Work>, string]>([
    ['reads what it does not know', {}, 'observe TargetUnread'],
    [
      'takes the ledger at its word when the current version is there',
      { state: { kind: 'recorded', thumbprint: NEW_THUMBPRINT } },
      'none AlreadyCurrent',
    ],
    [
      'registers a new version on the ledger’s word, since it overwrites nothing',
      { state: { kind: 'recorded', thumbprint: OLD_THUMBPRINT } },
      'register NewVersion',
    ],
    ['registers what is not there', { state: { kind: 'absent' } }, 'register TargetAbsent'],
    ['adds the new key beside an older one', { state: key(OLD_THUMBPRINT) }, 'register NewVersion'],
    ['leaves what is current', { state: key(NEW_THUMBPRINT) }, 'none AlreadyCurrent'],
    [
      'leaves the same certificate that somebody else registered',
      { state: key(NEW_THUMBPRINT, { own: false }) },
      'none AlreadyCurrent',
    ],
    [
      'registers again what has an end, or whose forerunner has none',
      { state: key(NEW_THUMBPRINT, { settled: false }) },
      'register NewVersion',
    ],
    [
      'looks again when its key is gone after it was registered',
      { state: { kind: 'absent' }, tries: { ...NO_TRIES, writes: 1 } },
      'reread AnswerNotCurrent',
    ],
    [
      'gives up after every look',
      { state: { kind: 'absent' }, tries: { writes: 1, refreshes: 1, rereads: 4 } },
      'blocked NotVerified',
    ],
    [
      'asks for consent where something new is asked for',
      { standing: { kind: 'asked' }, consented: false },
      'blocked NotAllowed',
    ],
    [
      'asks for consent where a bound key is gone',
      { state: { kind: 'absent' }, consented: false },
      'blocked NotAllowed',
    ],
    [
      'does nothing at an application that is not under care',
      { configured: false },
      'blocked ServiceNotConfigured',
    ],
    ['looks before it leaves', { leaving: true }, 'observe TargetUnread'],
    [
      'takes its own keys away when it leaves',
      { leaving: true, state: key(OLD_THUMBPRINT) },
      'withdraw DetachAsked',
    ],
    [
      'takes away what a sync registered that was cut off, also when it was only asked for',
      { leaving: true, standing: { kind: 'asked' }, state: key(NEW_THUMBPRINT) },
      'withdraw DetachAsked',
    ],
    [
      'leaves the keys of others when it leaves',
      { leaving: true, state: key(NEW_THUMBPRINT, { own: false }) },
      'release NotOurs',
    ],
    [
      'is done when nothing of its own is left',
      { leaving: true, state: { kind: 'absent' }, tries: { ...NO_TRIES, writes: 1 } },
      'release DetachAsked',
    ],
    [
      'takes back what is written down, also where its key is gone',
      { leaving: true, state: { kind: 'absent' } },
      'withdraw DetachAsked',
    ],
  ])('%s', (_, work, step) => {
    expect(plan(work)).toBe(step);
  });

  test('lets no version go that is held, and none that is disabled', () => {
    const state: TargetState = { kind: 'recorded', thumbprint: OLD_THUMBPRINT };
    expect(plan({ state }, { held: PROBLEM })).toBe('blocked VersionHeld');
    expect(plan({ state }, { observation: { kind: 'disabled' } })).toBe(
      'blocked CurrentVersionDisabled',
    );
  });

  test.each([
    ['deleted', { kind: 'missing' }, 'SOURCE_NOT_FOUND'],
    ['disabled', { kind: 'disabled' }, 'CURRENT_VERSION_DISABLED'],
  ] as const)('says that who holds a key of what is %s still signs in', (_, observation, code) => {
    const facts = { source: SOURCE, observation, vaultSuffix: SUFFIX };
    const state: TargetState = { kind: 'recorded', thumbprint: OLD_THUMBPRINT };
    const path = `entra/applications/${APPLICATION.appId}`;
    expect(planTarget({ ...facts, ...WORK, state })).toMatchObject({
      kind: 'blocked',
      problem: {
        code,
        message: expect.stringContaining(`stay registered at ${path} until they expire`) as string,
        cure: expect.stringContaining(
          `DELETE /api/certificates/contoso-kv/gateway-client?targets=${path}`,
        ) as string,
      },
    });
    // And that works, without the certificate.
    const held = key(OLD_THUMBPRINT);
    expect(planTarget({ ...facts, ...WORK, state: held, leaving: true }).kind).toBe('withdraw');
  });

  test('is at rest after one registration, and says what it was', () => {
    const facts = { source: SOURCE, observation: makePresent(), vaultSuffix: SUFFIX };
    for (const [state, did] of [
      [{ kind: 'absent' }, 'attach'],
      [key(OLD_THUMBPRINT), 'refresh'],
    ] as const) {
      const step = planTarget({ ...facts, ...WORK, state });
      const after = afterStep({ ...WORK, state }, step, key(NEW_THUMBPRINT, { version: 'v2' }));
      expect(planTarget({ ...facts, ...after })).toEqual({
        kind: 'none',
        reason: 'AlreadyCurrent',
      });
      expect(after.did?.kind).toBe(did);
    }
  });

  test.each<[string, TargetState, TargetState, string | undefined]>([
    [
      'writes down only that it relies on what was there',
      key(NEW_THUMBPRINT, { own: false, settled: false }),
      key(NEW_THUMBPRINT, { version: 'v2' }),
      undefined,
    ],
    [
      'says that it came to rely on another key',
      key(NEW_THUMBPRINT, { settled: false }),
      key(NEW_THUMBPRINT, { version: 'v2' }),
      'refresh',
    ],
  ])('%s', (_, state, after, did) => {
    const facts = { source: SOURCE, observation: makePresent(), vaultSuffix: SUFFIX };
    const step = planTarget({ ...facts, ...WORK, state });
    expect(step.kind).toBe('register');
    expect(afterStep({ ...WORK, state }, step, after).did?.kind).toBe(did);
  });

  test.each<[string, TargetState, TargetState, string | undefined]>([
    ['says that it took a key away', key(OLD_THUMBPRINT), { kind: 'absent' }, 'remove'],
    [
      'says of a key that another source relies on only that it was let go',
      key(OLD_THUMBPRINT),
      key(OLD_THUMBPRINT, { own: false }),
      undefined,
    ],
    ['took nothing away where nothing was seen', { kind: 'absent' }, { kind: 'absent' }, undefined],
  ])('%s when it leaves', (_, state, after, did) => {
    const facts = { source: SOURCE, observation: makePresent(), vaultSuffix: SUFFIX };
    const work: Work = { ...WORK, state };
    const step = planTarget({ ...facts, ...work, leaving: true });
    expect(step.kind).toBe('withdraw');
    const next = afterStep(work, step, after);
    expect(next.did?.kind).toBe(did);
    expect(planTarget({ ...facts, ...next, leaving: true }).kind).toBe('release');
  });

  test('looks at the vault again when another version was there than the one that was judged', () => {
    const facts = { source: SOURCE, observation: makePresent(), vaultSuffix: SUFFIX };
    let work: Work = { ...WORK, state: key(OLD_THUMBPRINT) };
    const kinds: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const step = planTarget({ ...facts, ...work });
      kinds.push(step.kind);
      work = afterStep(
        work,
        step,
        step.kind === 'register' ? { kind: 'unread' } : key(OLD_THUMBPRINT),
      );
    }
    expect(kinds).toEqual(['register', 'observe', 'reread']);
  });
});
