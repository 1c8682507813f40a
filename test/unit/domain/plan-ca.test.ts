import * as fc from 'fast-check';
import { planTarget, type PlanInput } from '../../../shared/domain/plan.ts';
import { formatSource } from '../../../shared/domain/source.ts';
import type { CaTarget } from '../../../shared/domain/target.ts';
import { NO_TRIES, type TargetState } from '../../../shared/domain/target-state.ts';
import { afterStep, type Work } from '../../../shared/domain/work.ts';
import {
  makeCurrent,
  NEW_THUMBPRINT,
  NEW_VERSION,
  OLD_THUMBPRINT,
  SOURCE,
  SUFFIX,
} from '../../support/domain-samples.ts';

const TARGET: CaTarget = { kind: 'ca-certificate', service: 'contoso-gw', store: 'Root' };
const WANTED = { version: NEW_VERSION, thumbprint: NEW_THUMBPRINT };
const lists = (thumbprint: string, ofSource: boolean): TargetState => ({
  kind: 'present',
  installed: { reference: { kind: 'uploaded', ofSource }, thumbprint },
});
const BOUND: Partial<PlanInput> = {
  standing: { kind: 'bound', origin: 'tag' },
  pushedThumbprint: OLD_THUMBPRINT,
};

function plan(other: Partial<PlanInput>) {
  return planTarget({
    source: SOURCE,
    observation: { kind: 'present', current: makeCurrent() },
    target: TARGET,
    standing: { kind: 'asked' },
    consented: true,
    configured: true,
    state: { kind: 'unread' },
    tries: NO_TRIES,
    vaultSuffix: SUFFIX,
    ...other,
  });
}

test.each<[sentence: string, input: Partial<PlanInput>, step: object]>([
  ['is read first', {}, { kind: 'observe' }],
  [
    'keeps what it has when the source is gone, and detaching is named',
    { ...BOUND, observation: { kind: 'missing' } },
    {
      kind: 'blocked',
      reason: 'SourceMissing',
      problem: {
        code: 'SOURCE_NOT_FOUND',
        cure: expect.stringContaining(`certkeeper detach ${formatSource(SOURCE)} -t`) as string,
      },
    },
  ],
  [
    'gets what it lacks',
    { state: { kind: 'absent' } },
    { kind: 'install', reason: 'TargetAbsent', wanted: WANTED },
  ],
  [
    'gets nothing that is not allowed',
    { state: { kind: 'absent' }, consented: false },
    { kind: 'blocked', reason: 'NotAllowed' },
  ],
  [
    'is current when it lists the version for the source',
    { state: lists(NEW_THUMBPRINT, true) },
    { kind: 'none' },
  ],
  [
    'is asked to hold for the source what others put there',
    { state: lists(NEW_THUMBPRINT, false) },
    { kind: 'install', reason: 'TargetAbsent' },
  ],
  [
    'gets the next version without being asked',
    { ...BOUND, state: { kind: 'absent' }, consented: false },
    { kind: 'install', reason: 'NewVersion', wanted: WANTED },
  ],
  [
    'gets the next version on the ledger’s word',
    { ...BOUND, state: { kind: 'recorded', thumbprint: OLD_THUMBPRINT }, consented: false },
    { kind: 'install', reason: 'NewVersion' },
  ],
  [
    'gets back what somebody took away only where that is still allowed',
    { ...BOUND, pushedThumbprint: NEW_THUMBPRINT, state: { kind: 'absent' }, consented: false },
    { kind: 'blocked', reason: 'NotAllowed' },
  ],
  [
    'keeps what it has while the version is held',
    { ...BOUND, held: { code: 'VERSION_HELD', message: 'held' } },
    { kind: 'blocked', reason: 'VersionHeld' },
  ],
  ['of a service that is not under care is left alone', { configured: false }, { kind: 'blocked' }],
  ['is given up by an update', { ...BOUND, leaving: true }, { kind: 'uninstall' }],
  [
    'that somebody only asked for is given up the same way: it may be on its way',
    { leaving: true },
    { kind: 'uninstall' },
  ],
  [
    'is done with when nothing of the source is there',
    { ...BOUND, leaving: true, state: { kind: 'absent' }, tries: { ...NO_TRIES, writes: 1 } },
    { kind: 'release', reason: 'DetachAsked' },
  ],
  [
    'is done with when others hold what is there',
    {
      ...BOUND,
      leaving: true,
      state: lists(NEW_THUMBPRINT, false),
      tries: { ...NO_TRIES, writes: 1 },
    },
    { kind: 'release', reason: 'NotOurs' },
  ],
])('A store of CA certificates %s', (_, input, step) => {
  expect(plan(input)).toMatchObject(step);
});

test('Whatever a store answers, a plan comes to its end, and installs only what the vault shows', () => {
  const state = fc.oneof(
    fc.constant<TargetState>({ kind: 'unread' }),
    fc.constant<TargetState>({ kind: 'absent' }),
    fc
      .constantFrom(OLD_THUMBPRINT, NEW_THUMBPRINT)
      .map((one): TargetState => ({ kind: 'recorded', thumbprint: one })),
    fc
      .tuple(fc.constantFrom(OLD_THUMBPRINT, NEW_THUMBPRINT), fc.boolean())
      .map(([one, ofSource]) => lists(one, ofSource)),
  );
  const there = state.filter(({ kind }) => kind === 'absent' || kind === 'present');
  fc.assert(
    fc.property(state, there, fc.boolean(), fc.boolean(), (first, real, bound, leaving) => {
      let work: Work = {
        target: TARGET,
        standing: bound ? { kind: 'bound', origin: 'tag' } : { kind: 'asked' },
        consented: true,
        configured: true,
        state: first,
        tries: NO_TRIES,
        ...(bound ? { pushedThumbprint: OLD_THUMBPRINT } : {}),
        ...(leaving ? { leaving } : {}),
      };
      for (let steps = 0; steps < 12; steps += 1) {
        const step = plan(work);
        if (['none', 'blocked', 'release'].includes(step.kind)) return;
        if (step.kind === 'install') expect(step.wanted).toEqual(WANTED);
        const answer =
          step.kind === 'install'
            ? lists(NEW_THUMBPRINT, true)
            : step.kind === 'uninstall'
              ? ({ kind: 'absent' } as const)
              : real;
        work = afterStep(work, step, answer);
      }
      throw new Error('It does not come to an end');
    }),
  );
});
