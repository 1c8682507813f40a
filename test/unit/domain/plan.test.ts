import { planTarget, type PlanInput } from '../../../shared/domain/plan.ts';
import { REREAD_AFTER_SECONDS } from '../../../shared/domain/plan-steps.ts';
import { NO_TRIES } from '../../../shared/domain/target-state.ts';
import type { Target } from '../../../shared/domain/target.ts';
import {
  makePresent,
  makeState,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  OLD_VERSION,
  OTHER_SOURCE,
  SOURCE,
  SUFFIX,
  TARGET,
} from '../../support/domain-samples.ts';

const VERSIONLESS = 'https://contoso-kv.vault.azure.net/secrets/gateway-client';
const bound = (origin: 'tag' | 'http' | 'discovered') => ({ kind: 'bound', origin }) as const;
const ASKED = { kind: 'asked' } as const;
const ABSENT = { kind: 'absent' } as const;
const UNREAD = { kind: 'unread' } as const;
const recorded = (thumbprint: string) => ({ kind: 'recorded', thumbprint }) as const;
const secret = { source: SOURCE, collection: 'secrets' } as const;
const PINNED = makeState({
  reference: { kind: 'key-vault', secret: { ...secret, version: OLD_VERSION } },
});
const OLD = makeState({ thumbprint: OLD_THUMBPRINT });
const OF_ANOTHER_SOURCE = makeState({
  reference: { kind: 'key-vault', secret: { ...secret, source: OTHER_SOURCE } },
});

/** A bound target that is read and current, with what a row changes about it. */
function plan(other: Partial<PlanInput>): ReturnType<typeof planTarget> {
  return planTarget({
    source: SOURCE,
    observation: makePresent(),
    target: TARGET,
    standing: bound('tag'),
    consented: true,
    configured: true,
    state: makeState(),
    tries: NO_TRIES,
    vaultSuffix: SUFFIX,
    ...other,
  });
}

describe('The next step', () => {
  test.each<[sentence: string, input: Partial<PlanInput>, step: object]>([
    [
      'is none where the current version is installed without a pin',
      {},
      { kind: 'none', reason: 'AlreadyCurrent' },
    ],
    [
      'is none where the ledger says so',
      { state: recorded(NEW_THUMBPRINT) },
      { kind: 'none', reason: 'AlreadyCurrent' },
    ],
    [
      'is to read a target of which nothing is known',
      { state: UNREAD },
      { kind: 'observe', reason: 'TargetUnread' },
    ],
    [
      'is to refresh what the ledger knows to be older',
      { state: recorded(OLD_THUMBPRINT) },
      { kind: 'refresh', reason: 'NewVersion' },
    ],
    ['is to refresh what is older', { state: OLD }, { kind: 'refresh', reason: 'NewVersion' }],
    [
      'is to take over what somebody else put there, when that was asked for',
      {
        standing: bound('http'),
        takeOver: true,
        state: makeState({ reference: { kind: 'uploaded' }, etag: '"7"' }),
      },
      {
        kind: 'repoint',
        reason: 'TakenOver',
        secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/gateway-client',
        etag: '"7"',
      },
    ],
    [
      'is to take over what another source put there, when that was asked for',
      { standing: bound('http'), takeOver: true, state: OF_ANOTHER_SOURCE },
      {
        kind: 'repoint',
        reason: 'TakenOver',
        secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/gateway-client',
        etag: '"1"',
      },
    ],
    [
      'is only to refresh what is its own already, whatever may be taken over',
      { standing: bound('http'), takeOver: true, state: OLD },
      { kind: 'refresh', reason: 'NewVersion' },
    ],
    [
      'is to attach what was asked for by HTTP',
      { standing: { kind: 'asked', origin: 'http' }, state: { kind: 'absent' } },
      {
        kind: 'attach',
        reason: 'TargetAbsent',
        secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/gateway-client',
      },
    ],
    [
      'is to refresh what reports no thumbprint at all',
      { state: { kind: 'present', installed: { reference: { kind: 'key-vault', secret } } } },
      { kind: 'refresh', reason: 'NewVersion' },
    ],
    [
      'is to refresh what was attached and is not current yet',
      { state: OLD, tries: { ...NO_TRIES, writes: 1 } },
      { kind: 'refresh', reason: 'NewVersion' },
    ],
    [
      'is to attach what is asked for, allowed and not there',
      { standing: ASKED, state: ABSENT },
      { kind: 'attach', reason: 'TargetAbsent', secretIdentifier: VERSIONLESS },
    ],
    [
      'is to put back a declared target that is gone',
      { standing: bound('tag'), state: ABSENT },
      { kind: 'attach', reason: 'TargetAbsent', secretIdentifier: VERSIONLESS },
    ],
    [
      'is to put back a target bound over HTTP that is gone',
      { standing: bound('http'), state: ABSENT },
      { kind: 'attach', reason: 'TargetAbsent', secretIdentifier: VERSIONLESS },
    ],
    [
      'is to let go of a discovered target that is gone',
      { standing: bound('discovered'), state: ABSENT },
      { kind: 'release', reason: 'TargetGone' },
    ],
    [
      'is to rotate a discovered target without asking anybody',
      { standing: bound('discovered'), consented: false, state: OLD },
      { kind: 'refresh', reason: 'NewVersion' },
    ],
    [
      'is to unpin a pinned version, on the state that was seen',
      { state: PINNED },
      { kind: 'repoint', reason: 'VersionPinned', secretIdentifier: VERSIONLESS, etag: '"1"' },
    ],
    [
      'is to unpin even what holds the current version now, since it would stay behind later',
      { state: makeState({ ...pinnedTo('x'), thumbprint: NEW_THUMBPRINT }) },
      { kind: 'repoint', reason: 'VersionPinned', secretIdentifier: VERSIONLESS, etag: '"1"' },
    ],
    [
      'is to unpin under the identity that reads the vault today',
      { state: makeState(pinnedTo(OLD_VERSION, 'client-id')) },
      {
        kind: 'repoint',
        reason: 'VersionPinned',
        secretIdentifier: VERSIONLESS,
        identityClientId: 'client-id',
        etag: '"1"',
      },
    ],
    [
      'is to correct a reference to the certificate instead of its secret',
      {
        state: makeState({
          reference: { kind: 'key-vault', secret: { ...secret, collection: 'certificates' } },
        }),
      },
      {
        kind: 'repoint',
        reason: 'NotASecretReference',
        secretIdentifier: VERSIONLESS,
        etag: '"1"',
      },
    ],
    [
      'is to unpin without a condition where the service answered no ETag',
      {
        state: {
          kind: 'present',
          installed: { reference: { kind: 'key-vault', secret: { ...secret, version: 'v' } } },
        },
      },
      { kind: 'repoint', reason: 'VersionPinned', secretIdentifier: VERSIONLESS, etag: '*' },
    ],
    ...REREAD_AFTER_SECONDS.map((afterSeconds, rereads): [string, Partial<PlanInput>, object] => [
      `is to look again after ${String(afterSeconds)} s, having looked ${String(rereads)} times`,
      { state: OLD, tries: { writes: 0, refreshes: 1, rereads } },
      { kind: 'reread', reason: 'AnswerNotCurrent', afterSeconds },
    ]),
  ])('%s', (_, input, step) => {
    expect(plan(input)).toEqual(step);
  });
});

describe('A target is blocked', () => {
  test.each<[sentence: string, input: Partial<PlanInput>, reason: string, code: string]>([
    [
      'when the tag asks for what CERTKEEPER_ALLOW does not allow, without being read',
      { standing: ASKED, consented: false, state: UNREAD },
      'NotAllowed',
      'BINDING_NOT_ALLOWED',
    ],
    [
      'when it is gone and consent has been withdrawn',
      { standing: bound('tag'), consented: false, state: ABSENT },
      'NotAllowed',
      'BINDING_NOT_ALLOWED',
    ],
    [
      'when its service is not under care',
      { configured: false, state: UNREAD },
      'ServiceNotConfigured',
      'SERVICE_NOT_CONFIGURED',
    ],
    [
      'when the source is missing',
      { observation: { kind: 'missing' }, state: recorded(NEW_THUMBPRINT) },
      'SourceMissing',
      'SOURCE_NOT_FOUND',
    ],
    [
      'when the vault says no more than that the version is disabled',
      { observation: { kind: 'disabled' }, state: OLD },
      'CurrentVersionDisabled',
      'CURRENT_VERSION_DISABLED',
    ],
    [
      'when the current version is disabled, even if the target holds it',
      { observation: makePresent({ enabled: false }) },
      'CurrentVersionDisabled',
      'CURRENT_VERSION_DISABLED',
    ],
    [
      'when the current version is held',
      {
        state: recorded(OLD_THUMBPRINT),
        held: { code: 'VERSION_HELD', message: 'It looks wrong.', cure: 'Approve it.' },
      },
      'VersionHeld',
      'VERSION_HELD',
    ],
    [
      'when something asked for holds an uploaded certificate',
      { standing: ASKED, state: makeState({ reference: { kind: 'uploaded' } }) },
      'TargetTaken',
      'TARGET_TAKEN',
    ],
    [
      'when something asked for holds a certificate of a foreign vault',
      { standing: ASKED, state: makeState({ reference: { kind: 'foreign', identifier: 'x' } }) },
      'TargetTaken',
      'TARGET_TAKEN',
    ],
    [
      'when something asked for holds another source',
      { standing: ASKED, state: OF_ANOTHER_SOURCE },
      'TargetTaken',
      'TARGET_TAKEN',
    ],
    [
      'when it was taken over and somebody keeps pointing it elsewhere',
      {
        standing: bound('http'),
        takeOver: true,
        state: OF_ANOTHER_SOURCE,
        tries: { ...NO_TRIES, writes: 1 },
      },
      'NotVerified',
      'NOT_VERIFIED',
    ],
    [
      'when something bound was pointed to another source by somebody',
      { state: OF_ANOTHER_SOURCE },
      'TargetChanged',
      'TARGET_CHANGED',
    ],
    [
      'when somebody uploaded over something bound',
      { state: makeState({ reference: { kind: 'uploaded' } }) },
      'TargetChanged',
      'TARGET_CHANGED',
    ],
    [
      'when it is pinned again right after it was unpinned',
      { state: PINNED, tries: { ...NO_TRIES, writes: 1 } },
      'NotVerified',
      'NOT_VERIFIED',
    ],
    [
      'when it is gone right after it was attached',
      { state: ABSENT, tries: { ...NO_TRIES, writes: 1 } },
      'NotVerified',
      'NOT_VERIFIED',
    ],
    [
      'when it is not current after the last look',
      { state: OLD, tries: { writes: 0, refreshes: 1, rereads: REREAD_AFTER_SECONDS.length } },
      'NotVerified',
      'NOT_VERIFIED',
    ],
  ])('%s', (_, input, reason, code) => {
    const step = plan(input);
    expect(step).toMatchObject({ kind: 'blocked', reason, problem: { code } });
    expect(step.kind === 'blocked' && step.problem.cure).toBeTruthy();
  });

  test('and the problem says which thumbprint the target reports instead', () => {
    const tries = { writes: 0, refreshes: 1, rereads: REREAD_AFTER_SECONDS.length };
    expect(plan({ state: OLD, tries })).toMatchObject({
      problem: { message: expect.stringContaining(OLD_THUMBPRINT) as string },
    });
  });

  test.each<[Target]>([
    [{ kind: 'hostname', service: 'contoso-gw', hostname: 'api.contoso.com' }],
    [{ kind: 'gateway-ca', service: 'contoso-gw', gateway: 'plant' }],
  ])('when nothing keeps targets of its kind yet: $kind', (target) => {
    expect(plan({ target, state: UNREAD })).toMatchObject({
      kind: 'blocked',
      problem: { code: 'TARGET_UNSUPPORTED' },
    });
  });
});

function pinnedTo(version: string, identityClientId?: string) {
  return {
    reference: {
      kind: 'key-vault',
      secret: { ...secret, version },
      ...(identityClientId === undefined ? {} : { identityClientId }),
    },
  } as const;
}
