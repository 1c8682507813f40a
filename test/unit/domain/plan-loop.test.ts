import fc from 'fast-check';
import { planTarget, type PlanInput, type Step } from '../../../shared/domain/plan.ts';
import { afterStep, type Work } from '../../../shared/domain/work.ts';
import { formatSource } from '../../../shared/domain/source.ts';
import { isShared } from '../../../shared/domain/target.ts';
import {
  NO_TRIES,
  type InstalledCertificate,
  type Reference,
  type TargetState,
} from '../../../shared/domain/target-state.ts';
import { anyTarget } from '../../support/any-target.ts';
import {
  makeCurrent,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  OTHER_SOURCE,
  SOURCE,
  SUFFIX,
  TARGET,
} from '../../support/domain-samples.ts';

/** One look, one write, one refresh, four more looks; a ledger that was wrong costs nothing more. */
const MOST_STEPS = 8;

const thumbprint = fc.option(fc.constantFrom(NEW_THUMBPRINT, OLD_THUMBPRINT, 'C'.repeat(40)), {
  nil: undefined,
});

const reference: fc.Arbitrary<Reference> = fc.oneof(
  fc
    .record({
      source: fc.constantFrom(SOURCE, SOURCE, SOURCE, OTHER_SOURCE),
      collection: fc.constantFrom('secrets' as const, 'secrets' as const, 'certificates' as const),
      version: fc.option(fc.constantFrom('v1', 'v2'), { nil: undefined }),
      identity: fc.option(fc.constant('client-id'), { nil: undefined }),
    })
    .map(({ source, collection, version, identity }): Reference => ({
      kind: 'key-vault',
      secret: { source, collection, ...(version === undefined ? {} : { version }) },
      ...(identity === undefined ? {} : { identityClientId: identity }),
    })),
  fc.constant<Reference>({ kind: 'foreign', identifier: 'https://elsewhere.example/secrets/a' }),
  fc.constant<Reference>({ kind: 'uploaded' }),
);

/** What may lie at a target, left there by whomever. */
const lying: fc.Arbitrary<TargetState> = fc.oneof(
  fc.constant<TargetState>({ kind: 'absent' }),
  fc.tuple(reference, thumbprint, fc.boolean()).map(([one, print, tagged]): TargetState => ({
    kind: 'present',
    installed: {
      reference: one,
      ...(print === undefined ? {} : { thumbprint: print }),
      ...(tagged ? { etag: '"1"' } : {}),
    },
  })),
);

const known: fc.Arbitrary<TargetState> = fc.oneof(
  lying,
  fc.constant<TargetState>({ kind: 'unread' }),
  fc
    .constantFrom(NEW_THUMBPRINT, OLD_THUMBPRINT)
    .map((one): TargetState => ({ kind: 'recorded', thumbprint: one })),
);

const observation: fc.Arbitrary<PlanInput['observation']> = fc.oneof(
  fc.constant<PlanInput['observation']>({ kind: 'present', current: makeCurrent() }),
  fc.constant<PlanInput['observation']>({ kind: 'present', current: makeCurrent() }),
  fc.constant<PlanInput['observation']>({
    kind: 'present',
    current: makeCurrent({ enabled: false }),
  }),
  fc.constant<PlanInput['observation']>({ kind: 'disabled' }),
  fc.constant<PlanInput['observation']>({ kind: 'missing' }),
);

const standing: fc.Arbitrary<Work['standing']> = fc.oneof(
  fc.constant<Work['standing']>({ kind: 'asked' }),
  fc
    .constantFrom('tag' as const, 'http' as const, 'discovered' as const)
    .map((origin): Work['standing'] => ({ kind: 'bound', origin })),
);

/**
 * What holds a copy goes by rules of its own: see plan-pushed-loop.test.ts, plan-ca.test.ts and
 * plan-key.test.ts.
 */
const otherTarget = anyTarget.filter(
  (target) => target.kind !== 'workspace-certificate' && !isShared(target),
);

const work: fc.Arbitrary<Work> = fc.record({
  target: fc.oneof(fc.constant(TARGET), fc.constant(TARGET), otherTarget),
  standing,
  consented: fc.boolean(),
  configured: fc.oneof(fc.constant(true), fc.constant(true), fc.constant(false)),
  state: known,
  tries: fc.constant(NO_TRIES),
});

/** What comes between two steps: nothing, or somebody else's change; and how a refresh ends. */
interface Turn {
  readonly foreign: TargetState | undefined;
  readonly refreshWorks: boolean;
  readonly observation: PlanInput['observation'] | undefined;
}
const turns: fc.Arbitrary<Turn[]> = fc.array(
  fc.record({
    foreign: fc.option(lying, { nil: undefined, freq: 2 }),
    refreshWorks: fc.boolean(),
    observation: fc.option(observation, { nil: undefined, freq: 4 }),
  }),
  { minLength: 40, maxLength: 40 },
);
const calm = fc.constant<Turn[]>(
  Array.from({ length: 40 }, () => ({
    foreign: undefined,
    refreshWorks: true,
    observation: undefined,
  })),
);

interface Taken {
  readonly work: Work;
  readonly observation: PlanInput['observation'];
  /** What really lay at the target when the step was taken. */
  readonly there: TargetState;
  readonly step: Step;
}

/** Runs plan → step → afterStep against a target that answers as API Management does. */
function run(
  start: Work,
  source: PlanInput['observation'],
  there: TargetState,
  course: readonly Turn[],
): readonly Taken[] {
  const taken: Taken[] = [];
  let [seen, real, observed] = [start, there, source];
  for (const turn of course) {
    const step = planTarget({
      source: SOURCE,
      observation: observed,
      vaultSuffix: SUFFIX,
      ...seen,
    });
    taken.push({ work: seen, observation: observed, there: real, step });
    if (['none', 'blocked', 'release'].includes(step.kind)) return taken;
    real = turn.foreign ?? real;
    observed = turn.observation ?? observed;
    real = answerTo(step, real, turn.refreshWorks);
    seen = afterStep(seen, step, real);
  }
  return taken;
}

/** A PUT or a refresh that reads the vault holds the current version; a refused one changes nothing. */
function answerTo(step: Step, there: TargetState, works: boolean): TargetState {
  const reads = (installed: InstalledCertificate): TargetState => ({
    kind: 'present',
    installed: works ? { ...installed, thumbprint: NEW_THUMBPRINT } : installed,
  });
  switch (step.kind) {
    case 'attach':
      return there.kind === 'present' ? there : reads(versionless(undefined));
    case 'repoint':
      return there.kind === 'present' && (there.installed.etag ?? '*') === step.etag
        ? reads(versionless(step.reason === 'TakenOver' ? undefined : step.identityClientId))
        : there;
    case 'refresh':
      return there.kind === 'present' && isOurs(there.installed.reference)
        ? reads(there.installed)
        : there;
    default:
      return there;
  }
}

function versionless(identityClientId: string | undefined): InstalledCertificate {
  return {
    reference: {
      kind: 'key-vault',
      secret: { source: SOURCE, collection: 'secrets' },
      ...(identityClientId === undefined ? {} : { identityClientId }),
    },
    thumbprint: OLD_THUMBPRINT,
    etag: '"2"',
  };
}

function isOurs(one: Reference): boolean {
  return one.kind === 'key-vault' && formatSource(one.secret.source) === formatSource(SOURCE);
}

const WRITES = ['attach', 'repoint', 'refresh'];

/** Every step of a course satisfies the rule, whatever the start and whoever interferes. */
function always(rule: (taken: Taken, index: number, all: readonly Taken[]) => void): void {
  fc.assert(
    fc.property(work, observation, lying, fc.oneof(turns, calm), (start, source, there, course) => {
      const all = run(start, source, there, course);
      all.forEach(rule);
    }),
    { numRuns: 1_500 },
  );
}

describe('Planning until nothing is left to do', () => {
  test('ends, whatever lies at the target and whoever changes it meanwhile', () => {
    fc.assert(
      fc.property(work, observation, lying, turns, (start, source, there, course) => {
        const all = run(start, source, there, course);
        expect(all.length).toBeLessThanOrEqual(MOST_STEPS);
        expect(['none', 'blocked', 'release']).toContain(all.at(-1)?.step.kind);
      }),
      { numRuns: 3_000 },
    );
  });

  test('writes at most once and refreshes at most once', () => {
    fc.assert(
      fc.property(work, observation, lying, turns, (start, source, there, course) => {
        const kinds = run(start, source, there, course).map(({ step }) => step.kind);
        const count = (kind: Step['kind']) => kinds.filter((one) => one === kind).length;
        expect(count('attach') + count('repoint')).toBeLessThanOrEqual(1);
        expect(count('refresh')).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1_500 },
    );
  });

  test('writes nowhere without a binding or consent, and creates nothing without consent', () => {
    always(({ work: { standing: ground, consented }, step }) => {
      if (WRITES.includes(step.kind)) expect(ground.kind === 'bound' || consented).toBe(true);
      if (step.kind === 'attach') expect(consented).toBe(true);
    });
  });

  test('never writes to what it sees to belong to somebody else', () => {
    always(({ work: { state }, step }) => {
      if (state.kind === 'present' && !isOurs(state.installed.reference)) {
        expect(step.kind).toBe('blocked');
      }
    });
  });

  test('never creates over what it sees, and puts nothing back that was only discovered', () => {
    always(({ work: { state, standing: ground }, step }) => {
      if (step.kind === 'attach') {
        expect(state.kind).toBe('absent');
        expect(ground).not.toEqual({ kind: 'bound', origin: 'discovered' });
      }
    });
  });

  test('takes no step at all for a source that is missing or whose version is disabled', () => {
    always(({ observation: source, step }) => {
      if (source.kind !== 'present' || !source.current.enabled) expect(step.kind).toBe('blocked');
    });
  });

  test('touches no target of another kind and no service that is not under care', () => {
    always(({ work: { target, configured }, step }) => {
      if (target.kind !== 'client-certificate' || !configured) expect(step.kind).toBe('blocked');
    });
  });

  test('says "none" only of a versionless reference that holds the current thumbprint', () => {
    always(({ work: { state }, step }) => {
      if (step.kind !== 'none') return;
      if (state.kind === 'recorded') expect(state.thumbprint).toBe(NEW_THUMBPRINT);
      else {
        expect(state).toMatchObject({
          kind: 'present',
          installed: {
            thumbprint: NEW_THUMBPRINT,
            reference: { kind: 'key-vault', secret: { source: SOURCE, collection: 'secrets' } },
          },
        });
        expect(state).not.toHaveProperty('installed.reference.secret.version');
      }
    });
  });

  test('gives the same step for the same input, and changes nothing in it', () => {
    fc.assert(
      fc.property(work, observation, (one, source) => {
        const input = { source: SOURCE, observation: source, vaultSuffix: SUFFIX, ...one };
        const before = structuredClone(input);
        expect(planTarget(input)).toEqual(planTarget(before));
        expect(input).toEqual(before);
      }),
    );
  });

  test('brings whatever is ours to the current version when nobody interferes', () => {
    const ours = lying.filter((one) => one.kind === 'present' && isOurs(one.installed.reference));
    fc.assert(
      fc.property(ours, standing, calm, (there, ground, course) => {
        const start: Work = {
          target: TARGET,
          standing: ground,
          consented: ground.kind === 'asked',
          configured: true,
          state: { kind: 'unread' },
          tries: NO_TRIES,
        };
        const all = run(start, { kind: 'present', current: makeCurrent() }, there, course);
        expect(all.at(-1)?.step.kind).toBe('none');
      }),
    );
  });
});
