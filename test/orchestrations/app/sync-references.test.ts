import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { Breaking } from '../../../shared/domain/breaking.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import {
  azureCalls,
  bound,
  boundInWorkspace,
  installed,
  observed,
  syncAgainst,
  thumb,
  uploaded,
} from './sync-world.ts';

const reference = (more: Partial<CertificateReference> = {}): CertificateReference => ({
  document: 'apis/orders/policies/policy',
  kind: 'policy',
  at: 'inbound/authentication-certificate/@thumbprint, line 4',
  by: 'thumbprint',
  certainty: 'certain',
  repairable: true,
  ...more,
});
const ofNamedValue = reference({
  document: 'namedValues/client-thumbprint',
  kind: 'named-value',
  at: 'value',
});
const breaking = (...references: CertificateReference[]): Breaking => ({
  thumbprints: [thumb(1)],
  asOf: '2026-11-21T10:00:00.000Z',
  references,
});
const referred = (id = 'a', ...references: CertificateReference[]) =>
  bound(id, 1, { breaking: breaking(...(references.length > 0 ? references : [reference()])) });
const found = (...references: CertificateReference[]) => ({
  kind: 'scanned',
  ...(references.length === 0 ? {} : { breaking: breaking(...references) }),
  repairable: references.some(({ repairable }) => repairable),
  namedValues: false,
});
/** What a call of a repair leaves to the next one. */
const LEFT = { document: 'b', kind: 'policy', thumbprint: thumb(1) };
const repaired = (documents: string[], more: object = {}) => ({
  kind: 'repaired',
  documents,
  problems: [],
  ...more,
});

describe('the sync of a target that something refers to by thumbprint', () => {
  const kits: { stop(): unknown }[] = [];
  const sync = async (...args: Parameters<typeof syncAgainst>) => {
    const run = await syncAgainst(...args);
    kits.push(run.kit);
    return run;
  };
  afterEach(async () => {
    for (const kit of kits.splice(0)) await kit.stop();
  });
  const inputsOf = (calls: readonly { name: string; input: unknown }[], name: string) =>
    calls.filter((one) => one.name === name).map(({ input }) => input);

  it('goes on without a further step and says what breaks, where that is only reported', async () => {
    const { result, calls } = await sync({ work: [referred()] });
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RefreshTarget']);
    expect(result).toMatchObject({
      verdict: 'succeeded',
      targets: [{ outcome: 'rotated', warnings: [{ code: 'REFERENCES_WOULD_BREAK' }] }],
    });
    expect(result.targets[0]?.warnings?.[0]?.message).toContain('apis/orders/policies/policy');
    const told = inputsOf(calls, 'PublishOutcomes');
    expect(told).toMatchObject([{ targets: [{ warnings: [{}] }] }]);
  });

  it('says that it does not know, where the index could not be asked', async () => {
    const { result } = await sync({ work: [bound('a', 1, { usageUnknown: true })] });
    expect(result).toMatchObject({
      verdict: 'succeeded',
      targets: [{ outcome: 'rotated', warnings: [{ code: 'USAGE_UNKNOWN' }] }],
    });
  });

  it('takes no further step with repair either, when nothing refers to it so', async () => {
    const { result, calls } = await sync({ work: [bound('a', 1)], references: { repair: true } });
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RefreshTarget']);
    expect(result.targets[0]).not.toHaveProperty('warnings');
  });

  it('rewrites what refers to it before it is refreshed, and tells of it', async () => {
    const { result, calls } = await sync(
      { work: [referred()], references: { repair: true } },
      { RepairReferences: () => repaired(['apis/orders/policies/policy']) },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RepairReferences', 'RefreshTarget']);
    expect(inputsOf(calls, 'RepairReferences')).toMatchObject([
      { thumbprints: [thumb(1)], operation: 'sync-test', target: { id: 'a' } },
    ]);
    expect(result.targets).toMatchObject([
      { outcome: 'rotated', repaired: { documents: ['apis/orders/policies/policy'] } },
    ]);
    expect(result.targets[0]).not.toHaveProperty('warnings');
  });

  it('rewrites many documents some at a time, all of one repair', async () => {
    const { result, calls } = await sync(
      { work: [referred()], references: { repair: true } },
      {
        RepairReferences: ({ documents }: { documents?: unknown }) =>
          documents === undefined ? repaired(['a'], { left: [LEFT] }) : repaired(['b']),
      },
    );
    const [first, second] = inputsOf(calls, 'RepairReferences');
    expect(second).toEqual({ ...(first as object), documents: [LEFT] });
    expect(result.targets).toMatchObject([{ repaired: { documents: ['a', 'b'] } }]);
  });

  it('rotates all the same when some of it, or all of it, could not be repaired', async () => {
    const problem = { code: 'REFERENCE_UNREPAIRABLE', message: 'It could not.' };
    const some = await sync(
      { work: [referred()], references: { repair: true } },
      { RepairReferences: () => repaired(['a'], { problems: [problem] }) },
    );
    expect(some.result.targets).toMatchObject([
      { outcome: 'rotated', warnings: [problem], repaired: { documents: ['a'] } },
    ]);
    const none = await sync(
      { work: [referred()], references: { repair: true } },
      {
        RepairReferences: () => {
          throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'Azure is away.' });
        },
      },
    );
    expect(none.result.targets).toMatchObject([
      {
        outcome: 'rotated',
        warnings: [
          {
            code: 'REFERENCE_UNREPAIRABLE',
            message: expect.stringContaining('Azure is away.') as string,
          },
        ],
      },
    ]);
  });

  it('waits as long as the service asks for, and lets the others go on meanwhile', async () => {
    let asked = 0;
    const { result, calls } = await sync(
      { work: [referred('a'), bound('b', 1)], references: { repair: true } },
      {
        RepairReferences: () => {
          asked += 1;
          if (asked > 1) return repaired(['a']);
          throw new TransientError(
            { code: 'AZURE_UNAVAILABLE', message: 'Too many requests.' },
            { retryAfterSeconds: 30 },
          );
        },
      },
    );
    const [first, second] = inputsOf(calls, 'RepairReferences');
    expect(second).toEqual(first);
    expect(result.targets.map(({ outcome }) => outcome)).toEqual(['rotated', 'rotated']);
  });

  const page = (from: number, many = 20) =>
    Array.from({ length: many }, (_, at) => ({ ...LEFT, document: String(from + at) }));

  it('rotates after a repair of as many documents as one rewrites', async () => {
    const { result, calls } = await sync(
      { work: [referred()], references: { repair: true } },
      {
        RepairReferences: ({ documents }: { documents?: unknown }) =>
          documents === undefined ? repaired(['a'], { left: page(0, 1_100) }) : repaired(['b']),
      },
    );
    expect(inputsOf(calls, 'RepairReferences')).toHaveLength(56);
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated' });
    expect(result.targets[0]).not.toHaveProperty('warnings');
  });

  it('goes on without a repair that comes to no end, and says so', async () => {
    const { result, calls } = await sync(
      { work: [referred()], references: { repair: true } },
      {
        RepairReferences: ({ documents }: { documents?: unknown }) =>
          documents === undefined ? repaired(['a'], { left: page(0, 5_000) }) : repaired(['b']),
      },
    );
    expect(inputsOf(calls, 'RepairReferences')).toHaveLength(60);
    expect(result.targets).toMatchObject([
      { outcome: 'rotated', warnings: [{ code: 'REFERENCE_UNREPAIRABLE' }] },
    ]);
  });

  it('is put off by the service when it rotates, however often its repair was put off', async () => {
    const busy = () => {
      throw new TransientError(
        { code: 'AZURE_UNAVAILABLE', message: 'Too many requests.' },
        { retryAfterSeconds: 30 },
      );
    };
    let refreshes = 0;
    const { result, calls } = await sync(
      { work: [referred()], references: { repair: true } },
      {
        RepairReferences: busy,
        RefreshTarget: () => {
          refreshes += 1;
          return refreshes < 8 ? busy() : installed(2);
        },
      },
    );
    expect(inputsOf(calls, 'RepairReferences')).toHaveLength(9);
    expect(result.targets).toMatchObject([
      { outcome: 'rotated', warnings: [{ code: 'REFERENCE_UNREPAIRABLE' }] },
    ]);
  });

  it('looks up what refers to what is taken over once it has seen it', async () => {
    const takenOver = bound('a', 0, {
      standing: { kind: 'asked' },
      consented: true,
      takeOver: true,
      state: { kind: 'unread' },
    });
    const { previousThumbprint: _, ...work } = takenOver;
    const { result, calls } = await sync(
      { work: [work] },
      {
        ObserveTarget: () => uploaded(7),
        LookUpReferences: () => ({
          kind: 'looked-up',
          breaking: { ...breaking(reference()), thumbprints: [thumb(7)] },
          lookedUp: [thumb(7)],
        }),
      },
    );
    expect(azureCalls(calls)).toEqual([
      'ObserveSource',
      'ObserveTarget',
      'LookUpReferences',
      'CheckTarget',
      'RepointTarget',
    ]);
    expect(inputsOf(calls, 'LookUpReferences')).toMatchObject([{ thumbprints: [thumb(7)] }]);
    expect(result.targets).toMatchObject([
      { outcome: 'repointed', warnings: [{ code: 'REFERENCES_WOULD_BREAK' }] },
    ]);
    expect(inputsOf(calls, 'RecordSync')).toMatchObject([
      { targets: [{ referred: { lookedUp: [thumb(7)], by: [thumb(7)] } }] },
    ]);
  });

  it('says of a detaching that was refused that it is over', async () => {
    const { result, calls } = await sync(
      { work: [bound('a', 2, { leaving: true, forced: true })] },
      {
        ObserveTarget: () => installed(2),
        RemoveTarget: () => {
          throw new TerminalError({ code: 'TARGET_IN_USE', message: 'It is used.' });
        },
      },
    );
    expect(result.targets).toMatchObject([
      {
        outcome: 'blocked',
        problem: { message: expect.stringContaining('when that is asked for again') as string },
      },
    ]);
    expect(inputsOf(calls, 'RecordSync')).toMatchObject([{ targets: [{ leaving: true }] }]);
  });

  it('gives named values the new thumbprint once the rotation is verified', async () => {
    const { result, calls } = await sync(
      {
        work: [
          referred('a', ofNamedValue, reference({ repairable: false, via: 'client-thumbprint' })),
        ],
        references: { repair: true },
      },
      { RepairNamedValues: () => repaired(['namedValues/client-thumbprint']) },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RefreshTarget', 'RepairNamedValues']);
    expect(inputsOf(calls, 'RepairNamedValues')).toMatchObject([
      { from: [thumb(1)], to: thumb(2) },
    ]);
    expect(result.targets).toMatchObject([
      { outcome: 'rotated', repaired: { documents: ['namedValues/client-thumbprint'] } },
    ]);
  });

  it('leaves named values as they are when the rotation came to nothing', async () => {
    const { calls, result } = await sync(
      { work: [referred('a', ofNamedValue)], references: { repair: true } },
      { RefreshTarget: () => installed(1), ObserveTarget: () => installed(1) },
    );
    expect(result.targets[0]).toMatchObject({ outcome: 'failed', reason: 'NotVerified' });
    expect(azureCalls(calls)).not.toContain('RepairNamedValues');
  });

  it('repairs too what the service has broken itself, being first to read the vault', async () => {
    const { calls } = await sync(
      { work: [bound('a', 2, { breaking: breaking(reference()) })], references: { repair: true } },
      { RepairReferences: () => repaired(['apis/orders/policies/policy']) },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RepairReferences']);
    const told = inputsOf(calls, 'PublishOutcomes');
    expect(told).toMatchObject([{ targets: [{ outcome: 'current', repaired: {} }] }]);
  });

  it('repairs before a push into a workspace as well', async () => {
    const { calls } = await sync({
      work: [boundInWorkspace('a', 1, { breaking: breaking(reference()) })],
      references: { repair: true },
    });
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RepairReferences', 'PushTarget']);
  });

  describe('where a rotation that breaks references is held', () => {
    it('looks before it rotates, and rotates when nothing would break', async () => {
      const { result, calls } = await sync({
        // What the index knew is mended meanwhile.
        work: [referred()],
        references: { hold: true },
      });
      expect(azureCalls(calls)).toEqual(['ObserveSource', 'FindBreaking', 'RefreshTarget']);
      expect(inputsOf(calls, 'FindBreaking')).toMatchObject([{ thumbprints: [thumb(1)] }]);
      expect(result.targets[0]).toMatchObject({ outcome: 'rotated' });
      expect(result.targets[0]).not.toHaveProperty('warnings');
    });

    it('leaves the target as it is, names what would break and how to let it go', async () => {
      const { result, calls } = await sync(
        { work: [bound('a', 1)], references: { hold: true } },
        { FindBreaking: () => found(reference()) },
      );
      expect(azureCalls(calls)).toEqual(['ObserveSource', 'FindBreaking']);
      expect(result).toMatchObject({
        verdict: 'blocked',
        targets: [
          {
            outcome: 'blocked',
            reason: 'WouldBreak',
            problem: {
              code: 'REFERENCES_WOULD_BREAK',
              message: expect.stringContaining('apis/orders/policies/policy') as string,
              cure: expect.stringContaining('/api/operations/sync-test/approve') as string,
            },
          },
        ],
      });
    });

    it('holds when nobody can tell what would break', async () => {
      const { result } = await sync(
        { work: [bound('a', 1)], references: { hold: true } },
        {
          FindBreaking: () => {
            throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'Azure is away.' });
          },
        },
      );
      expect(result.targets).toMatchObject([
        { outcome: 'blocked', reason: 'WouldBreak', problem: { code: 'USAGE_UNKNOWN' } },
      ]);
    });

    it('holds one target and not the others', async () => {
      const { result } = await sync(
        { work: [bound('a', 1), bound('b', 1)], references: { hold: true } },
        {
          FindBreaking: ({ target }: { target: { id: string } }) =>
            target.id === 'a' ? found(reference()) : found(),
        },
      );
      expect(result.targets.map(({ outcome }) => outcome)).toEqual(['blocked', 'rotated']);
    });

    // The clock of these tests begins on 2026-01-01.
    const approval = { version: 'v2', at: '2025-12-31T00:00:01.000Z' };
    const letGo = { hold: true, approval } as const;

    it('looks at what was let go within the last day too, and says what breaks', async () => {
      const { result, calls } = await sync(
        // The index does not know it yet.
        { work: [bound('a', 1)], references: letGo },
        { FindBreaking: () => found(reference()) },
      );
      expect(azureCalls(calls)).toEqual(['ObserveSource', 'FindBreaking', 'RefreshTarget']);
      expect(result.targets).toMatchObject([
        { outcome: 'rotated', warnings: [{ code: 'REFERENCES_WOULD_BREAK' }] },
      ]);
      const recorded = inputsOf(calls, 'RecordSync');
      expect(recorded).toMatchObject([{ targets: [{ referred: { by: [thumb(1)] } }] }]);
    });

    it('says nothing of what was let go and breaks nothing any more', async () => {
      const { result } = await sync({ work: [referred()], references: letGo });
      expect(result.targets[0]).toMatchObject({ outcome: 'rotated' });
      expect(result.targets[0]).not.toHaveProperty('warnings');
    });

    it('rotates what was let go when nobody can tell what breaks, and says so', async () => {
      // The look is tried for minutes, and leave must not run out meanwhile.
      const later = { version: 'v2', at: '2025-12-31T12:00:00.000Z' };
      const { result } = await sync(
        { work: [referred()], references: { hold: true, approval: later } },
        {
          FindBreaking: () => {
            throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'Azure is away.' });
          },
        },
      );
      expect(result.targets).toMatchObject([
        {
          outcome: 'rotated',
          warnings: [{ code: 'USAGE_UNKNOWN' }, { code: 'REFERENCES_WOULD_BREAK' }],
        },
      ]);
    });

    it('says what breaks of what was let go and could not be repaired', async () => {
      const stuck = reference({ repairable: false });
      const { result, calls } = await sync(
        { work: [bound('a', 1)], references: { ...letGo, repair: true } },
        { FindBreaking: () => found(stuck) },
      );
      expect(azureCalls(calls)).not.toContain('RepairReferences');
      expect(result.targets).toMatchObject([
        { outcome: 'rotated', warnings: [{ code: 'REFERENCES_WOULD_BREAK' }] },
      ]);
    });

    it.each<[sentence: string, approval: { version: string; at: string }, words: string]>([
      [
        'when leave was given and ran out, which it says',
        { version: 'v2', at: '2025-12-31T00:00:00.000Z' },
        'ran out at 2026-01-01T00:00:00.000Z',
      ],
      [
        'when leave was given for another version',
        { version: 'v1', at: '2025-12-31T23:00:00.000Z' },
        'was left as it is',
      ],
    ])('stays %s', async (_, approval, words) => {
      const { result } = await sync(
        { work: [referred()], references: { hold: true, approval } },
        { FindBreaking: () => found(reference()) },
      );
      expect(result.targets).toMatchObject([{ outcome: 'blocked', reason: 'WouldBreak' }]);
      expect(result.targets[0]?.problem?.message).toContain(words);
    });

    it('repairs first, and holds only for what is left', async () => {
      const left = reference({ document: 'products/p/policies/policy', repairable: false });
      const { result, calls } = await sync(
        { work: [referred()], references: { hold: true, repair: true } },
        {
          RepairReferences: () => repaired(['apis/orders/policies/policy']),
          FindBreaking: () => found(left),
        },
      );
      expect(azureCalls(calls)).toEqual(['ObserveSource', 'RepairReferences', 'FindBreaking']);
      expect(result.targets).toMatchObject([
        {
          outcome: 'blocked',
          reason: 'WouldBreak',
          problem: { message: expect.stringContaining('products/p/policies/policy') as string },
          repaired: { documents: ['apis/orders/policies/policy'] },
        },
      ]);
      expect(calls.map(({ name }) => name)).toContain('PublishOutcomes');
    });

    it('repairs what only the look found, looks once more and rotates', async () => {
      let looks = 0;
      const { result, calls } = await sync(
        { work: [bound('a', 1)], references: { hold: true, repair: true } },
        {
          FindBreaking: () => {
            looks += 1;
            return looks === 1 ? found(reference()) : found();
          },
          RepairReferences: () => repaired(['apis/orders/policies/policy']),
        },
      );
      expect(azureCalls(calls)).toEqual([
        'ObserveSource',
        'FindBreaking',
        'RepairReferences',
        'FindBreaking',
        'RefreshTarget',
      ]);
      expect(inputsOf(calls, 'RepairReferences')).toMatchObject([{ live: true }]);
      expect(result.targets[0]).toMatchObject({ outcome: 'rotated' });
    });

    it('does not repair and look for ever', async () => {
      const { result, calls } = await sync(
        { work: [referred()], references: { hold: true, repair: true } },
        { FindBreaking: () => found(reference()) },
      );
      expect(azureCalls(calls)).toEqual([
        'ObserveSource',
        'RepairReferences',
        'FindBreaking',
        'RepairReferences',
        'FindBreaking',
      ]);
      expect(result.targets[0]).toMatchObject({ outcome: 'blocked', reason: 'WouldBreak' });
    });

    it('does not look when nothing is there yet, or the target is in order', async () => {
      const { calls } = await sync({ work: [bound('a', 2)], references: { hold: true } });
      expect(azureCalls(calls)).toEqual(['ObserveSource']);
    });

    it('asks anew for a version that comes while another target is waited for', async () => {
      let version = 2;
      const { result, calls } = await sync(
        { work: [bound('a', 1)], references: { hold: true } },
        {
          // The service is ahead of what the sync knows.
          RefreshTarget: () => {
            const before = version;
            version = 3;
            return installed(before === 2 ? 3 : version);
          },
          RereadSource: () => observed(version),
        },
      );
      expect(result.targets[0]).toMatchObject({ outcome: 'rotated', thumbprint: thumb(3) });
      expect(azureCalls(calls)).toEqual([
        'ObserveSource',
        'FindBreaking',
        'RefreshTarget',
        'RereadSource',
      ]);
    });
  });
});
