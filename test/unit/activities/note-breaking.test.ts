import { makeFindBreaking } from '../../../functions/activities/repairs/find-references.ts';
import { noteBreaking } from '../../../functions/activities/repairs/note-breaking.ts';
import { previewReferences } from '../../../functions/activities/repairs/preview-references.ts';
import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import type { ReferencePolicy } from '../../../shared/domain/breaking-plan.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { IndexedUsage, ServiceUsage } from '../../../shared/domain/usage-ports.ts';
import { keyOfThumbprint, keysOf, referencesAt } from '../../../shared/domain/resolve-uses.ts';
import { NO_TRIES } from '../../../shared/domain/target-state.ts';
import type { Work } from '../../../shared/domain/work.ts';
import {
  makeBinding,
  makeLooks,
  makePresent,
  NEW_THUMBPRINT,
  NOW,
  OLD_THUMBPRINT,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeRepairWorld, referenceIn } from '../../support/repair-world.ts';

const ORDERS = referenceIn('apis/orders/policies/policy');
const RECORD: SourceRecord = { source: SOURCE, problems: [] };
const work = (more: Partial<Work> = {}): Work => ({
  target: TARGET,
  standing: { kind: 'bound', origin: 'tag' },
  consented: true,
  configured: true,
  state: { kind: 'recorded', thumbprint: OLD_THUMBPRINT },
  tries: NO_TRIES,
  previousThumbprint: OLD_THUMBPRINT,
  ...more,
});
const behind = makeBinding({ targetThumbprint: OLD_THUMBPRINT });

async function note({
  one = work(),
  binding = behind,
  record = RECORD,
  observation = makePresent(),
  usage = { asOf: NOW, references: [ORDERS] },
  found,
}: {
  one?: Work;
  binding?: Binding;
  record?: SourceRecord;
  observation?: Parameters<typeof noteBreaking>[2]['observation'];
  usage?: IndexedUsage | 'never complete' | Error;
  /** What refers by a thumbprint; absent = the same by all. */
  found?: (thumbprint: string) => readonly CertificateReference[];
} = {}) {
  const asked: string[] = [];
  const ofThumbprint = async (_: string, thumbprint: string) => {
    asked.push(thumbprint);
    if (usage instanceof Error) throw usage;
    if (found !== undefined) return { asOf: NOW, references: found(thumbprint) };
    return usage === 'never complete' ? undefined : usage;
  };
  const [noted] = await noteBreaking({ ofThumbprint }, [one], {
    observation,
    record,
    bindings: [binding],
  });
  return { noted, asked };
}

describe('What a target that gets a new thumbprint is referred to by', () => {
  test('is asked of the index, by the thumbprint that goes', async () => {
    const { noted, asked } = await note();
    expect(asked).toEqual([OLD_THUMBPRINT]);
    expect(noted?.breaking).toEqual({
      thumbprints: [OLD_THUMBPRINT],
      asOf: NOW,
      references: [ORDERS],
    });
    expect(noted?.lookedUp).toEqual([OLD_THUMBPRINT]);
  });

  test('is asked too when the service read the vault first, and a survey saw that', async () => {
    const { asked } = await note({
      binding: makeBinding({ targetThumbprint: NEW_THUMBPRINT }),
      record: { ...RECORD, verified: { version: 'v', looks: makeLooks() } },
    });
    expect(asked).toEqual([OLD_THUMBPRINT]);
  });

  test('is asked again while something is known to be broken', async () => {
    const { asked } = await note({
      binding: makeBinding({
        targetThumbprint: NEW_THUMBPRINT,
        broken: { thumbprints: [OLD_THUMBPRINT], problems: [PROBLEM] },
      }),
    });
    expect(asked).toEqual([OLD_THUMBPRINT]);
  });

  test('is asked of what an earlier rotation broke as well, by each thumbprint of its own', async () => {
    const oldest = 'D'.repeat(40);
    const { noted, asked } = await note({
      binding: makeBinding({
        targetThumbprint: OLD_THUMBPRINT,
        broken: { thumbprints: [oldest], problems: [PROBLEM] },
      }),
      found: (thumbprint) => (thumbprint === oldest ? [ORDERS] : []),
    });
    expect(asked).toEqual([OLD_THUMBPRINT, oldest]);
    expect(noted).toMatchObject({
      breaking: { thumbprints: [oldest], references: [ORDERS] },
      lookedUp: [OLD_THUMBPRINT, oldest],
    });
  });

  test('is asked once for all the targets of a service, and for each service by itself', async () => {
    const targets = ['a', 'b', 'c'].map((id) => ({ ...TARGET, id }));
    targets.push({ ...TARGET, service: 'contoso-eu-gw' });
    const asked: string[] = [];
    const index = {
      ofThumbprint: async (service: string, thumbprint: string) => {
        asked.push(`${service} ${thumbprint}`);
        return { asOf: NOW, references: [ORDERS] };
      },
    };
    const noted = await noteBreaking(
      index,
      targets.map((target) => work({ target })),
      {
        observation: makePresent(),
        record: RECORD,
        bindings: targets.map((target) =>
          makeBinding({ target, targetThumbprint: OLD_THUMBPRINT }),
        ),
      },
    );
    expect(asked).toEqual([`contoso-gw ${OLD_THUMBPRINT}`, `contoso-eu-gw ${OLD_THUMBPRINT}`]);
    expect(noted.map(({ breaking }) => breaking?.references)).toEqual(targets.map(() => [ORDERS]));
  });

  test.each<[sentence: string, facts: Parameters<typeof note>[0]]>([
    ['holds the current version', { binding: makeBinding({ targetThumbprint: NEW_THUMBPRINT }) }],
    ['was only asked for', { one: work({ standing: { kind: 'asked' } }) }],
    ['is to be detached', { one: work({ leaving: true }) }],
    ['is not under care', { one: work({ configured: false }) }],
    ['gets nothing, since the version is disabled', { observation: { kind: 'disabled' } }],
    ['gets nothing, since the certificate is gone', { observation: { kind: 'missing' } }],
    [
      'is of a kind that is not kept yet',
      { one: work({ target: { kind: 'hostname', service: 'contoso-gw', hostname: 'a.b' } }) },
    ],
  ])('is not asked where the target %s', async (_, facts) => {
    const { noted, asked } = await note(facts);
    expect(asked).toEqual([]);
    expect(noted).not.toHaveProperty('breaking');
  });

  test('is not known where the index was never complete, and nothing is noted', async () => {
    const { noted } = await note({ usage: 'never complete' });
    expect(noted).toEqual(work());
  });

  test.each([new TransientError(PROBLEM), new TypeError('a mistake')])(
    'fails nothing when it cannot be asked',
    async (usage) => {
      const { noted } = await note({ usage });
      expect(noted).toEqual(work({ usageUnknown: true }));
    },
  );
});

/** References under the thumbprint that goes, found as the scanner finds them. */
const scannerOf = (references: readonly CertificateReference[]) => {
  const key = keyOfThumbprint(OLD_THUMBPRINT);
  const keyed = references.map((reference) => ({ key, reference }));
  const of: ServiceUsage['of'] = (target, thumbprints) =>
    referencesAt(keyed, keysOf(target, thumbprints));
  return { scan: () => Promise.resolve({ asOf: NOW, of, ofSource: () => [] }) };
};
const NAMED = referenceIn('namedValues/x', { kind: 'named-value' });

const makeLive = (
  references: readonly CertificateReference[],
  beside: Readonly<Record<string, string>> = {},
) => {
  const { certificates, pushed, ledger } = makeRepairWorld({ others: beside }).ports;
  return { scanner: scannerOf(references), certificates, pushed, ledger };
};

describe('Looking for what a rotation would break', () => {
  const input = { source: SOURCE, target: TARGET, thumbprints: [OLD_THUMBPRINT] };
  const makeFind = (...world: Parameters<typeof makeLive>) => makeFindBreaking(makeLive(...world));

  test('finds what refers by thumbprint for certain, and says whether it can be repaired', async () => {
    const others = [
      referenceIn('policies/policy', { by: 'id' }),
      referenceIn('policies/policy', { by: 'expression', certainty: 'possible' }),
    ];
    const find = makeFind([ORDERS, ...others]);
    await expect(find(input)).resolves.toEqual({
      kind: 'scanned',
      breaking: { thumbprints: [OLD_THUMBPRINT], asOf: NOW, references: [ORDERS] },
      repairable: true,
      namedValues: false,
    });
  });

  test('does not count named values that are brought up to date afterwards', async () => {
    const find = makeFind([NAMED]);
    await expect(find({ ...input, repair: true })).resolves.toEqual({
      kind: 'scanned',
      repairable: false,
      namedValues: true,
    });
    await expect(find(input)).resolves.toMatchObject({ breaking: { references: [NAMED] } });
  });

  test('does not count what another certificate keeps resolving', async () => {
    const find = makeFind([ORDERS, NAMED], { legacy: OLD_THUMBPRINT });
    await expect(find(input)).resolves.toEqual({
      kind: 'scanned',
      repairable: false,
      namedValues: false,
    });
  });
});

describe('The dry run of a rotation', () => {
  const stuck = referenceIn('products/p/policies/policy', { repairable: false });
  const preview = (
    references: ReferencePolicy,
    known: readonly CertificateReference[],
    live: readonly CertificateReference[] | Error = known,
    beside: Readonly<Record<string, string>> = {},
  ) =>
    previewReferences(
      { ofThumbprint: () => Promise.reject(new Error('it is not asked')) },
      live instanceof Error
        ? { ...makeLive([]), scanner: { scan: () => Promise.reject(live) } }
        : makeLive(live, beside),
      {
        source: SOURCE,
        step: { kind: 'refresh', reason: 'NewVersion' },
        work: work(
          known.length === 0
            ? {}
            : { breaking: { thumbprints: [OLD_THUMBPRINT], asOf: NOW, references: known } },
        ),
        observation: makePresent(),
        references,
        now: new Date(NOW),
      },
    );

  test('warns of what would break', async () => {
    await expect(preview({}, [ORDERS])).resolves.toEqual({
      warnings: [expect.objectContaining({ code: 'REFERENCES_WOULD_BREAK' })],
    });
  });

  test('names what would be repaired, and warns of the rest', async () => {
    await expect(preview({ repair: true }, [ORDERS, NAMED, stuck])).resolves.toEqual({
      repairs: [ORDERS.document, NAMED.document],
      warnings: [
        expect.objectContaining({ message: expect.stringContaining(stuck.document) as string }),
      ],
    });
  });

  test('looks by itself where a rotation would be held, and says for what', async () => {
    const { wouldBreak } = await preview({ hold: true }, [], [ORDERS]);
    expect(wouldBreak).toMatchObject({ code: 'REFERENCES_WOULD_BREAK' });
    await expect(preview({ hold: true }, [ORDERS], [])).resolves.toEqual({});
    const unknown = await preview({ hold: true }, [], new TransientError(PROBLEM));
    expect(unknown.wouldBreak).toMatchObject({ code: 'USAGE_UNKNOWN' });
  });

  test('is not held for what would be repaired before', async () => {
    await expect(preview({ hold: true, repair: true }, [ORDERS])).resolves.toEqual({
      repairs: [ORDERS.document],
    });
  });

  test('is not held for what another certificate keeps resolving, as the rotation is not', async () => {
    const kept = { legacy: OLD_THUMBPRINT };
    await expect(preview({ hold: true }, [ORDERS], [ORDERS], kept)).resolves.toEqual({});
    await expect(
      preview({ hold: true, repair: true }, [ORDERS], [ORDERS, NAMED], kept),
    ).resolves.toEqual({});
  });

  test('is held for what is left, however many documents would be repaired before', async () => {
    const many = Array.from({ length: 30 }, (_, at) =>
      referenceIn(`apis/${String(at)}/policies/policy`),
    );
    const planned = await preview({ hold: true, repair: true }, [], [...many, stuck]);
    expect(planned.repairs).toHaveLength(30);
    expect(planned.wouldBreak?.message).toContain(stuck.document);
  });

  test('warns of what breaks with a version that was let go, whatever the index knows', async () => {
    const { current } = makePresent() as { current: { version: string } };
    const approved = { hold: true, approval: { version: current.version, at: NOW } } as const;
    const planned = await preview(approved, [], [ORDERS]);
    expect(planned).toEqual({
      warnings: [expect.objectContaining({ code: 'REFERENCES_WOULD_BREAK' })],
    });
    await expect(preview(approved, [], new TransientError(PROBLEM))).resolves.toEqual({
      warnings: [expect.objectContaining({ code: 'USAGE_UNKNOWN' })],
    });
  });
});
