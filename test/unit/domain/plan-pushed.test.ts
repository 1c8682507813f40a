import { planTarget, type PlanInput } from '../../../shared/domain/plan.ts';
import { REREAD_AFTER_SECONDS } from '../../../shared/domain/plan-steps.ts';
import { NO_TRIES } from '../../../shared/domain/target-state.ts';
import { afterStep, beginAnew, type Work } from '../../../shared/domain/work.ts';
import {
  makePresent,
  makeUploaded,
  NEW_THUMBPRINT,
  NEW_VERSION,
  OLD_THUMBPRINT,
  SOURCE,
  SUFFIX,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';

const ASKED = { kind: 'asked' } as const;
const BOUND = { kind: 'bound', origin: 'tag' } as const;
const WANTED = { version: NEW_VERSION, thumbprint: NEW_THUMBPRINT };
const FOREIGN_THUMBPRINT = 'F'.repeat(40);
const OLD = makeUploaded({ thumbprint: OLD_THUMBPRINT });
const FOREIGN = makeUploaded({ thumbprint: FOREIGN_THUMBPRINT });
const secret = { source: SOURCE, collection: 'secrets' } as const;
const BY_REFERENCE = makeUploaded({ reference: { kind: 'key-vault', secret } });
const known = (state: typeof OLD, ofSource: boolean) =>
  makeUploaded({ ...state.installed, reference: { kind: 'uploaded', ofSource } });

interface Row extends Omit<Partial<PlanInput>, 'pushedThumbprint'> {
  /** null = Certkeeper never put anything there. */
  readonly pushedThumbprint?: string | null;
}

/** A bound workspace certificate that holds what Certkeeper put there, the version before. */
function plan({ pushedThumbprint = OLD_THUMBPRINT, ...other }: Row): ReturnType<typeof planTarget> {
  return planTarget({
    source: SOURCE,
    observation: makePresent(),
    target: WORKSPACE_TARGET,
    standing: BOUND,
    consented: true,
    configured: true,
    state: OLD,
    tries: NO_TRIES,
    ...(pushedThumbprint === null ? {} : { pushedThumbprint }),
    vaultSuffix: SUFFIX,
    ...other,
  });
}

describe('The next step at a workspace', () => {
  test.each<[sentence: string, input: Row, step: object]>([
    [
      'is none where the current version is installed',
      { state: makeUploaded() },
      { kind: 'none', reason: 'AlreadyCurrent' },
    ],
    [
      'is none where the ledger says so',
      { state: { kind: 'recorded', thumbprint: NEW_THUMBPRINT, etag: '"1"' } },
      { kind: 'none', reason: 'AlreadyCurrent' },
    ],
    [
      'is none where somebody else uploaded the very same certificate',
      { standing: ASKED, state: makeUploaded() },
      { kind: 'none', reason: 'AlreadyCurrent' },
    ],
    [
      'is to read a target of which nothing is known',
      { state: { kind: 'unread' } },
      { kind: 'observe', reason: 'TargetUnread' },
    ],
    [
      'is to push a new version onto the state that the ledger knows, without reading it',
      { state: { kind: 'recorded', thumbprint: OLD_THUMBPRINT, etag: '"7"' } },
      { kind: 'push', reason: 'NewVersion', wanted: WANTED, etag: '"7"' },
    ],
    [
      'is to read what the ledger knows without its state: nothing is overwritten unseen',
      { state: { kind: 'recorded', thumbprint: OLD_THUMBPRINT } },
      { kind: 'observe', reason: 'TargetUnread' },
    ],
    [
      'is to push a new version over what Certkeeper put there, on the state that was seen',
      {},
      { kind: 'push', reason: 'NewVersion', wanted: WANTED, etag: '"1"' },
    ],
    [
      'is to push a new version where consent has been withdrawn: what is bound stays',
      { consented: false },
      { kind: 'push', reason: 'NewVersion', wanted: WANTED, etag: '"1"' },
    ],
    [
      'is to put there what is asked for, allowed and not there',
      { standing: ASKED, state: { kind: 'absent' } },
      { kind: 'push', reason: 'TargetAbsent', wanted: WANTED },
    ],
    [
      'is to put back what is gone',
      { state: { kind: 'absent' } },
      { kind: 'push', reason: 'TargetAbsent', wanted: WANTED },
    ],
    [
      'is to look up what it does not know',
      { state: FOREIGN },
      { kind: 'identify', reason: 'ContentUnknown', installed: FOREIGN.installed },
    ],
    [
      'is to look up what was there before it was asked for',
      { standing: ASKED, state: OLD, pushedThumbprint: null },
      { kind: 'identify', reason: 'ContentUnknown', installed: OLD.installed },
    ],
    [
      'is to replace an earlier version of the same certificate, whoever put it there',
      { standing: ASKED, state: known(OLD, true) },
      { kind: 'push', reason: 'NewVersion', wanted: WANTED, etag: '"1"' },
    ],
    [
      'is to replace what somebody with the role to do so wants to have replaced',
      { standing: ASKED, state: known(FOREIGN, false), takeOver: true },
      { kind: 'push', reason: 'TakenOver', wanted: WANTED, etag: '"1"' },
    ],
    [
      'is to replace a reference to a vault when that is wanted',
      { standing: ASKED, state: BY_REFERENCE, takeOver: true },
      { kind: 'push', reason: 'TakenOver', wanted: WANTED, etag: '"1"' },
    ],
    [
      'is to look again where it is gone right after it was put there',
      { state: { kind: 'absent' }, tries: { writes: 1, refreshes: 1, rereads: 0 } },
      { kind: 'reread', reason: 'AnswerNotCurrent', afterSeconds: 1 },
    ],
    ...REREAD_AFTER_SECONDS.map((afterSeconds, rereads): [string, Row, object] => [
      `is to look again after ${String(afterSeconds)} s, having looked ${String(rereads)} times`,
      { tries: { writes: 0, refreshes: 1, rereads } },
      { kind: 'reread', reason: 'AnswerNotCurrent', afterSeconds },
    ]),
  ])('%s', (_, input, step) => {
    expect(plan(input)).toEqual(step);
  });
});

describe('A workspace is left as it is', () => {
  test.each<[sentence: string, input: Partial<PlanInput>, reason: string, code: string]>([
    [
      'when CERTKEEPER_ALLOW does not allow it, without being read',
      { standing: ASKED, consented: false, state: { kind: 'unread' } },
      'NotAllowed',
      'BINDING_NOT_ALLOWED',
    ],
    [
      'when its certificate is gone and consent has been withdrawn',
      { consented: false, state: { kind: 'absent' } },
      'NotAllowed',
      'BINDING_NOT_ALLOWED',
    ],
    [
      'when the current version is disabled',
      { observation: makePresent({ enabled: false }) },
      'CurrentVersionDisabled',
      'CURRENT_VERSION_DISABLED',
    ],
    [
      'when the key cannot leave the vault',
      { observation: makePresent({ exportable: false }) },
      'SourceNotPushable',
      'CERTIFICATE_NOT_EXPORTABLE',
    ],
    [
      'when something else is there that was never ours',
      { standing: ASKED, state: known(FOREIGN, false) },
      'TargetTaken',
      'TARGET_TAKEN',
    ],
    [
      'when somebody replaced what Certkeeper put there by something else',
      { state: known(FOREIGN, false) },
      'TargetChanged',
      'TARGET_CHANGED',
    ],
    [
      'when somebody made a reference to a vault of what Certkeeper put there',
      { state: BY_REFERENCE },
      'TargetChanged',
      'TARGET_CHANGED',
    ],
    [
      'when it is gone right after it was put there',
      {
        state: { kind: 'absent' },
        tries: { writes: 1, refreshes: 1, rereads: REREAD_AFTER_SECONDS.length },
      },
      'NotVerified',
      'NOT_VERIFIED',
    ],
    [
      'when it is not current after the last look',
      { tries: { writes: 0, refreshes: 1, rereads: REREAD_AFTER_SECONDS.length } },
      'NotVerified',
      'NOT_VERIFIED',
    ],
  ])('%s', (_, input, reason, code) => {
    const step = plan(input);
    expect(step).toMatchObject({ kind: 'blocked', reason, problem: { code } });
    expect(step.kind === 'blocked' && step.problem.cure).toBeTruthy();
  });
});

describe('After a push', () => {
  const work: Work = {
    target: WORKSPACE_TARGET,
    standing: BOUND,
    consented: true,
    configured: true,
    state: OLD,
    tries: NO_TRIES,
    pushedThumbprint: OLD_THUMBPRINT,
  };
  const push = { kind: 'push', reason: 'NewVersion', wanted: WANTED, etag: '"1"' } as const;
  const create = { kind: 'push', reason: 'TargetAbsent', wanted: WANTED } as const;
  const landed = makeUploaded({ etag: '"2"', pushedVersion: NEW_VERSION });

  test('that landed, what was put there is known as ours', () => {
    expect(afterStep(work, push, landed)).toMatchObject({
      state: landed,
      tries: { writes: 0, refreshes: 1 },
      pushedThumbprint: NEW_THUMBPRINT,
      did: { kind: 'refresh', reason: 'NewVersion' },
    });
  });

  test('that created it, that is what was done', () => {
    expect(afterStep({ ...work, state: { kind: 'absent' } }, create, landed)).toMatchObject({
      tries: { writes: 1, refreshes: 1 },
      did: { kind: 'attach', reason: 'TargetAbsent' },
    });
  });

  test('on the word of the ledger that found something else, it was a look and no more', () => {
    const recorded = { kind: 'recorded', thumbprint: OLD_THUMBPRINT, etag: '"1"' } as const;
    const after = afterStep({ ...work, state: recorded }, push, FOREIGN);
    expect(after).toMatchObject({ state: FOREIGN, tries: NO_TRIES });
    expect(after).toMatchObject({ pushedThumbprint: OLD_THUMBPRINT });
    expect(after).not.toHaveProperty('did');
  });

  test('that found something where nothing was, that is looked up', () => {
    const after = afterStep({ ...work, state: { kind: 'absent' } }, create, FOREIGN);
    expect(after).not.toHaveProperty('did');
    expect(plan({ state: after.state, tries: after.tries })).toMatchObject({ kind: 'identify' });
  });

  test('that lost against somebody twice, it is not tried for ever', () => {
    const after = afterStep(work, push, makeUploaded({ thumbprint: OLD_THUMBPRINT, etag: '"9"' }));
    expect(plan({ state: after.state, tries: after.tries })).toMatchObject({ kind: 'reread' });
  });

  test('and a newer version in the vault, it is pushed once more', () => {
    const newer = makePresent({ version: 'newer', thumbprint: 'C'.repeat(40) });
    const after = beginAnew(afterStep(work, push, landed));
    expect(plan({ ...after, observation: newer })).toMatchObject({
      kind: 'push',
      reason: 'NewVersion',
      wanted: { version: 'newer' },
      etag: '"2"',
    });
  });
});
