/** Any services, vaults and certificates, and anything that may happen to them. */
import fc from 'fast-check';
import { FORMS } from '../../support/clean-up/references.ts';
import { STRIKES } from '../../support/clean-up/wire.ts';
import type { WorldShape } from '../../support/clean-up/world.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;

const number = fc.nat({ max: 60 });
const chance = (part: number): fc.Arbitrary<boolean> => fc.nat({ max: 99 }).map((n) => n < part);

const shapes: fc.Arbitrary<WorldShape> = fc.record({
  services: fc.integer({ min: 1, max: 2 }),
  vaults: fc.integer({ min: 1, max: 2 }),
  sources: fc.array(
    fc.record({
      vault: number,
      targets: fc.array(
        fc.record({
          origin: fc.constantFrom('tag', 'tag', 'http', 'discovered'),
          service: number,
          inWorkspace: chance(35),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    { minLength: 2, maxLength: 5 },
  ),
  policy: fc.record({
    mode: chance(10).map((reports) => (reports ? 'report' : 'remove')),
    graceSeconds: fc.constantFrom(HOUR, HOUR, DAY, 3 * DAY, 10 * DAY),
    afterRecovery: chance(35),
    discovered: fc.boolean(),
    maxShare: fc.constantFrom(0.1, 0.25, 1, 1),
  }),
  assumptions: fc.record({
    deleteCertificateInUse: fc.constantFrom('accept', 'refuse'),
    allPoliciesIncludesWorkspaces: fc.constantFrom('no', 'yes'),
    updateWithoutIfMatch: fc.constantFrom('refuse', 'accept'),
  }),
});

const reference = fc.record({
  kind: fc.constant('refer' as const),
  target: number,
  spec: fc.record({
    form: fc.constantFrom(...FORMS),
    scope: number,
    inWorkspace: chance(35),
  }),
});
const ofSource = fc.record({
  kind: fc.constantFrom(
    'delete' as const,
    'delete' as const,
    'delete' as const,
    'purge' as const,
    'recover' as const,
    'import' as const,
    'ignore' as const,
  ),
  source: number,
});
const ofTarget = fc.record({
  kind: fc.constantFrom('edit' as const, 'touch' as const, 'remove' as const, 'restore' as const),
  target: number,
});
const ofVault = fc.record({
  kind: fc.constantFrom('delete-vault' as const, 'recover-vault' as const, 'renew-vault' as const),
  vault: number,
});
const permission = fc.record({
  kind: fc.constantFrom('forbid' as const, 'allow' as const),
  place: number,
});
const anyFault = fc.record({
  kind: fc.constant('fault' as const),
  strike: fc.constantFrom(...STRIKES),
  /** Which requests it strikes. */
  on: fc.constantFrom('vault' as const, 'service' as const, 'removal' as const),
  times: fc.constantFrom(1, 2, 7, 1_000),
  skip: fc.nat({ max: 8 }),
});
/** A deletion is told by two answers, and each may be missing. */
const blindness = fc.record({
  kind: fc.constant('fault' as const),
  strike: fc.constantFrom('403' as const, '404-of-the-name' as const, '503' as const),
  on: fc.constantFrom('deleted' as const, 'certificate' as const),
  times: fc.constantFrom(3, 1_000),
  skip: fc.constant(0),
});
const fault = fc.oneof(anyFault, blindness);
const time = fc.record({
  kind: fc.constant('pass' as const),
  seconds: fc.constantFrom(600, HOUR, DAY, 4 * DAY, 11 * DAY),
});
const confirmed = fc.record({ kind: fc.constant('confirm' as const), service: number });
/** What is done while a sweep runs. */
const deed = fc.record({
  moment: fc.constantFrom('scan' as const, 'sight' as const, 'delete' as const, 'delete' as const),
  deed: fc.constantFrom(...(['edit', 'edit', 'touch', 'refer', 'recover'] as const)),
  target: number,
});
const swept = fc.record({
  kind: fc.constant('sweep' as const),
  how: fc.constantFrom(
    'once' as const,
    'once' as const,
    'once' as const,
    'twice' as const,
    'dry' as const,
  ),
  cuts: fc.option(
    fc.record({
      at: fc.integer({ min: 1, max: 400 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
    { freq: 2, nil: undefined },
  ),
  meanwhile: fc.option(deed, { freq: 1, nil: undefined }),
});

/** What may happen besides. */
const trouble = fc.oneof(
  { weight: 5, arbitrary: ofSource },
  { weight: 5, arbitrary: reference },
  { weight: 3, arbitrary: ofTarget },
  { weight: 1, arbitrary: ofVault },
  { weight: 2, arbitrary: permission },
  { weight: 4, arbitrary: fault },
  { weight: 2, arbitrary: time },
  { weight: 1, arbitrary: confirmed },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unrefer' as const), number }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'end-faults' as const }) },
);

const everything = [0, 1, 2, 3, 4].map((source) => ({ kind: 'delete' as const, source }));

/** Something is deleted, time passes, and sweeps run in between. */
const episode = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.array(ofSource, { minLength: 1, maxLength: 3, size: 'max' }) },
      { weight: 1, arbitrary: fc.constant(everything) },
    ),
    fc.array(trouble, { maxLength: 2 }),
    fc.option(swept, { freq: 3, nil: undefined }),
    fc.array(trouble, { maxLength: 2 }),
    time,
    swept,
  )
  .map(([lost, before, first, between, passing, last]) => [
    ...[...lost, ...before],
    ...(first === undefined ? [] : [first]),
    ...[...between, passing, last],
  ]);

/** What there is at first, and what happens then. */
export const courses = fc.record({
  shape: shapes,
  references: fc.array(reference, { maxLength: 3 }),
  /** What stands in the way when all that is left is due, and what happens at that moment. */
  lastTrouble: fc.option(blindness, { freq: 1, nil: undefined }),
  lastDeed: fc.option(deed, { freq: 3, nil: undefined }),
  episodes: fc.array(episode, { minLength: 1, maxLength: 3, size: 'max' }),
});
type Of<Some> = Some extends fc.Arbitrary<infer One> ? One : never;
export type Course = Of<typeof courses>;
export type Act = Course['episodes'][number][number];
