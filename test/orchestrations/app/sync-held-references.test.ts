import { TransientError } from '../../../shared/domain/errors.ts';
import { azureCalls, bound, installed, observed, thumb } from './sync-world.ts';
import { found, inputsOf, reference, referred, repaired } from './references.ts';
import { makeStoppingSync } from './stopping-sync.ts';

describe('the sync of a target that something refers to by thumbprint', () => {
  const sync = makeStoppingSync();

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
