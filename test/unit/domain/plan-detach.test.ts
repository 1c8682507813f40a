import type { PlanInput, Step } from '../../../shared/domain/plan.ts';
import { planTarget } from '../../../shared/domain/plan.ts';
import { NO_TRIES } from '../../../shared/domain/target-state.ts';
import type { Target } from '../../../shared/domain/target.ts';
import {
  makePresent,
  makeState,
  OLD_THUMBPRINT,
  OTHER_SOURCE,
  SOURCE,
  SUFFIX,
  TARGET,
} from '../../support/domain-samples.ts';

const WORKSPACE: Target = {
  kind: 'workspace-certificate',
  service: 'contoso-gw',
  workspace: 'team-a',
  id: 'gateway-client',
};
const pushed = (ofSource?: boolean) =>
  makeState({
    thumbprint: OLD_THUMBPRINT,
    reference: { kind: 'uploaded', ...(ofSource === undefined ? {} : { ofSource }) },
  });
const REMOVE = { kind: 'remove', reason: 'DetachAsked', etag: '"1"' };
const RELEASE = { kind: 'release', reason: 'DetachAsked' };
const NOT_OURS = { kind: 'release', reason: 'NotOurs' };

function plan(other: Partial<PlanInput>): Step {
  return planTarget({
    source: SOURCE,
    observation: makePresent(),
    target: TARGET,
    standing: { kind: 'bound', origin: 'http' },
    consented: false,
    configured: true,
    leaving: true,
    state: makeState(),
    tries: NO_TRIES,
    vaultSuffix: SUFFIX,
    ...other,
  });
}

function withoutEtag(): PlanInput['state'] {
  const state = makeState();
  if (state.kind !== 'present') throw new Error('it is there');
  const { etag: _, ...installed } = state.installed;
  return { kind: 'present', installed };
}

describe('A target that is to be detached', () => {
  test.each<[sentence: string, input: Partial<PlanInput>, step: object]>([
    ['is read first', { state: { kind: 'unread' } }, { kind: 'observe' }],
    [
      'is read first, whatever the ledger says of it',
      { state: { kind: 'recorded', thumbprint: OLD_THUMBPRINT } },
      { kind: 'observe' },
    ],
    ['is removed where it refers to the source', {}, REMOVE],
    [
      'is removed where it refers to the source in another way',
      {
        state: makeState({
          reference: {
            kind: 'key-vault',
            secret: { source: SOURCE, collection: 'secrets', version: 'v1' },
          },
        }),
      },
      REMOVE,
    ],
    [
      'is left where API Management tells no ETag, so that a change would be removed too',
      { state: withoutEtag() },
      { kind: 'blocked', reason: 'TargetChanged', problem: { code: 'TARGET_CHANGED' } },
    ],
    ['is removed whatever has become of the source', { observation: { kind: 'missing' } }, REMOVE],
    ['is removed while its version is disabled', { observation: { kind: 'disabled' } }, REMOVE],
    ['is given up when it is gone', { state: { kind: 'absent' } }, RELEASE],
    ['is given up unread when it was only asked for', { standing: { kind: 'asked' } }, RELEASE],
    [
      'is left when somebody pointed it elsewhere',
      {
        state: makeState({
          reference: { kind: 'key-vault', secret: { source: OTHER_SOURCE, collection: 'secrets' } },
        }),
      },
      NOT_OURS,
    ],
    [
      'is left when somebody uploaded another one there',
      { state: makeState({ reference: { kind: 'uploaded' } }) },
      NOT_OURS,
    ],
    [
      'is removed from a workspace when Certkeeper put it there',
      { target: WORKSPACE, state: pushed(), pushedThumbprint: OLD_THUMBPRINT },
      REMOVE,
    ],
    [
      'is removed from a workspace when it is a version of the source',
      { target: WORKSPACE, state: pushed(true) },
      REMOVE,
    ],
    [
      'is looked up when it is not known whose it is',
      { target: WORKSPACE, state: pushed() },
      { kind: 'identify' },
    ],
    [
      'is left in a workspace when it is not',
      { target: WORKSPACE, state: pushed(false) },
      NOT_OURS,
    ],
    [
      'is no longer fought over after three tries',
      { tries: { ...NO_TRIES, writes: 3 } },
      { kind: 'blocked', reason: 'NotVerified' },
    ],
  ])('%s', (_, input, step) => {
    expect(plan(input)).toMatchObject(step);
  });
});
