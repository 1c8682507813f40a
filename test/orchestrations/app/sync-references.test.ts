import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { azureCalls, bound, boundInWorkspace, installed, thumb, uploaded } from './sync-world.ts';
import {
  breaking,
  inputsOf,
  LEFT,
  ofNamedValue,
  reference,
  referred,
  repaired,
} from './references.ts';
import { makeStoppingSync } from './stopping-sync.ts';

describe('the sync of a target that something refers to by thumbprint', () => {
  const sync = makeStoppingSync();

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
});
