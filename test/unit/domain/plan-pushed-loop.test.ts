import fc from 'fast-check';
import { planTarget, type Step } from '../../../shared/domain/plan.ts';
import { NO_TRIES, type TargetState } from '../../../shared/domain/target-state.ts';
import { afterStep, beginAnew, type Work } from '../../../shared/domain/work.ts';
import { makePresent, SOURCE, SUFFIX, WORKSPACE_TARGET } from '../../support/domain-samples.ts';

/** A version of the source by its number; 0 is a certificate that never was one. */
type Content = number;
const print = (content: Content): string => String(content).padStart(40, '0');
const OLDEST = 1;
const FIRST_CURRENT = 3;
/** A look, a lost push, a look-up, a push, four more looks, for each version of the source. */
const MOST_STEPS = 40;

/** What really lies in the workspace; every change makes another ETag. */
interface Place {
  readonly content: Content | undefined;
  readonly etag: number;
}

/** What comes between planning a step and taking it. */
interface Turn {
  /** Somebody puts this there, or takes away what is there. */
  readonly rival: { readonly content: Content | undefined } | undefined;
  readonly newVersion: boolean;
}

interface Pushed {
  readonly over: Content | undefined;
  readonly version: Content;
}

const content = fc.option(fc.constantFrom(0, OLDEST, 2, FIRST_CURRENT), { nil: undefined });
const turns = fc.array(
  fc.record({
    rival: fc.option(fc.record({ content }), { nil: undefined, freq: 2 }),
    newVersion: fc.boolean(),
  }),
  { maxLength: 12 },
);
const start = fc.record({
  there: content,
  /** What the ledger says of it, and whether that is still so. */
  ledger: fc.constantFrom('asked', 'unread', 'recorded'),
  pushed: fc.constantFrom(OLDEST, 2, FIRST_CURRENT),
  consented: fc.boolean(),
  takeOver: fc.boolean(),
});
type Start = typeof start extends fc.Arbitrary<infer One> ? One : never;

/** Runs plan → step → afterStep as a sync does, against a place that others change too. */
function run({ there, ledger, pushed, consented, takeOver }: Start, course: readonly Turn[]) {
  // The ledger knows the ETag of what Certkeeper put there.
  let place: Place = { content: there, etag: there === pushed ? 1 : 2 };
  let vault = FIRST_CURRENT;
  let seen = vault;
  const pushes: Pushed[] = [];
  const steps: Step['kind'][] = [];
  const etag = '"1"';
  let work: Work = {
    target: WORKSPACE_TARGET,
    standing: ledger === 'asked' ? { kind: 'asked' } : { kind: 'bound', origin: 'tag' },
    consented,
    configured: true,
    ...(takeOver ? { takeOver } : {}),
    state:
      ledger === 'recorded'
        ? { kind: 'recorded', thumbprint: print(pushed), etag }
        : { kind: 'unread' },
    tries: NO_TRIES,
    ...(ledger === 'asked' ? {} : { pushedThumbprint: print(pushed) }),
  };

  const look = (more: { ofSource?: boolean; pushedVersion?: string } = {}): TargetState => {
    if (place.content === undefined) return { kind: 'absent' };
    const { ofSource, ...rest } = more;
    return {
      kind: 'present',
      installed: {
        reference: { kind: 'uploaded', ...(ofSource === undefined ? {} : { ofSource }) },
        thumbprint: print(place.content),
        etag: `"${String(place.etag)}"`,
        ...rest,
      },
    };
  };
  const take = (step: Step): TargetState => {
    if (step.kind === 'identify') {
      const ofSource = step.installed.thumbprint !== print(0);
      return {
        kind: 'present',
        installed: { ...step.installed, reference: { kind: 'uploaded', ofSource } },
      };
    }
    if (step.kind !== 'push') return look();
    const fits =
      step.etag === undefined
        ? place.content === undefined
        : place.content !== undefined && step.etag === `"${String(place.etag)}"`;
    if (!fits) return look();
    // What is newest then is pushed, whatever was planned.
    pushes.push({ over: place.content, version: vault });
    place = { content: vault, etag: place.etag + 1 };
    return look({ pushedVersion: String(vault) });
  };

  for (const turn of [...course, ...Array.from({ length: MOST_STEPS }, () => CALM)]) {
    const step = planTarget({
      source: SOURCE,
      observation: makePresent({ version: String(seen), thumbprint: print(seen) }),
      vaultSuffix: SUFFIX,
      ...work,
    });
    steps.push(step.kind);
    if (step.kind === 'none' || step.kind === 'blocked' || step.kind === 'release') break;
    if (step.kind === 'reread' && seen !== vault) {
      seen = vault;
      work = beginAnew(work);
      continue;
    }
    if (turn.rival !== undefined) place = { ...turn.rival, etag: place.etag + 1 };
    if (turn.newVersion) vault += 1;
    work = afterStep(work, step, take(step));
  }
  return { place, vault, seen, pushes, steps, ending: steps.at(-1) };
}

const CALM: Turn = { rival: undefined, newVersion: false };

describe('Pushing until nothing is left to do', () => {
  const always = (
    rule: (end: ReturnType<typeof run>, from: Start, course: Turn[]) => void,
  ): void => {
    fc.assert(
      fc.property(start, turns, (from, course) => {
        rule(run(from, course), from, course);
      }),
      { numRuns: 3_000 },
    );
  };

  test('ends, whoever writes there and however many versions come meanwhile', () => {
    always(({ ending, steps }) => {
      expect(['none', 'blocked']).toContain(ending);
      expect(steps.length).toBeLessThanOrEqual(MOST_STEPS);
    });
  });

  test('never overwrites what is no version of the source, unless it is to be taken over', () => {
    always(({ pushes }, { takeOver }) => {
      if (!takeOver) for (const { over } of pushes) expect(over).not.toBe(0);
    });
  });

  test('never puts an older version over a newer one', () => {
    always(({ pushes }) => {
      for (const { over = 0, version } of pushes) expect(version).toBeGreaterThanOrEqual(over);
    });
  });

  test('puts nothing anywhere without a binding or consent', () => {
    always(({ pushes }, { consented, ledger }) => {
      if (!consented && ledger === 'asked') expect(pushes).toEqual([]);
      if (!consented) for (const { over } of pushes) expect(over).toBeDefined();
    });
  });

  test('says "none" only of the version that the vault was seen to hold', () => {
    fc.assert(
      fc.property(start, (from) => {
        const { ending, place, seen } = run(from, []);
        // The ledger's word about a place that nobody changed since.
        const honest = from.ledger !== 'recorded' || from.there === from.pushed;
        if (ending === 'none' && honest) expect(place.content).toBe(seen);
      }),
    );
  });

  test('brings whatever is ours to the current version when nobody interferes', () => {
    fc.assert(
      fc.property(start, (from) => {
        fc.pre(from.there !== 0 && from.consented);
        fc.pre(from.ledger !== 'recorded' || from.there === from.pushed);
        const { ending, place, vault } = run(from, []);
        expect(ending).toBe('none');
        expect(place.content).toBe(vault);
      }),
    );
  });
});
