import { TerminalError } from '../../../shared/domain/errors.ts';
import { azureCalls, bound, installed, observed, thumb } from './sync-world.ts';
import { makeStoppingSync } from './stopping-sync.ts';

describe('the sync of one source', () => {
  const sync = makeStoppingSync();

  it('takes one source read and one refresh for each target when all is well', async () => {
    const { result, calls } = await sync({ work: [bound('a', 1), bound('b', 1), bound('c', 1)] });
    expect(azureCalls(calls)).toEqual([
      'ObserveSource',
      'RefreshTarget',
      'RefreshTarget',
      'RefreshTarget',
    ]);
    expect(result.verdict).toBe('succeeded');
    expect(result.targets.map(({ outcome }) => outcome)).toEqual(['rotated', 'rotated', 'rotated']);
    expect(result.targets[0]).toMatchObject({
      target: 'contoso-gw/certificates/a',
      thumbprint: thumb(2),
      previousThumbprint: thumb(1),
    });
  });

  it('does nothing at a target where the ledger has the current version', async () => {
    const { result, calls } = await sync({ work: [bound('a', 2)] });
    expect(azureCalls(calls)).toEqual(['ObserveSource']);
    expect(result.targets[0]).toMatchObject({ outcome: 'current', reason: 'AlreadyCurrent' });
    expect(calls.map(({ name }) => name)).not.toContain('PublishOutcomes');
  });

  it('removes what is to be detached, and keeps the others current', async () => {
    const { result, calls } = await sync({
      work: [bound('a', 1, { leaving: true }), bound('b', 1)],
    });
    expect(azureCalls(calls).sort()).toEqual([
      'ObserveSource',
      'ObserveTarget',
      'RefreshTarget',
      'RemoveTarget',
    ]);
    expect(result).toMatchObject({
      verdict: 'succeeded',
      targets: [{ outcome: 'removed', reason: 'DetachAsked' }, { outcome: 'rotated' }],
    });
  });

  it("takes over somebody else's certificate where that was asked for", async () => {
    const { result, calls } = await sync(
      {
        work: [
          bound('a', 0, {
            standing: { kind: 'bound', origin: 'http' },
            takeOver: true,
            state: { kind: 'unread' },
          }),
        ],
      },
      {
        ObserveTarget: () => ({
          kind: 'present',
          installed: { reference: { kind: 'uploaded' }, thumbprint: thumb(9), etag: '"7"' },
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
    expect(calls.find(({ name }) => name === 'RepointTarget')?.input).toMatchObject({
      takeOver: true,
      identity: { kind: 'system-assigned' },
      etag: '"7"',
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'repointed', reason: 'TakenOver' });
  });

  it('attaches what a tag asks for and consent allows', async () => {
    const { result, calls } = await sync(
      {
        work: [
          bound('a', 0, {
            standing: { kind: 'asked' },
            consented: true,
            state: { kind: 'unread' },
          }),
        ],
        asked: 'targets',
      },
      { ObserveTarget: () => ({ kind: 'absent' }) },
    );
    expect(azureCalls(calls)).toEqual([
      'ObserveSource',
      'ObserveTarget',
      'CheckTarget',
      'AttachTarget',
    ]);
    expect(calls.find(({ name }) => name === 'AttachTarget')?.input).toMatchObject({
      secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/gateway-client',
    });
    expect(result.targets[0]?.outcome).toBe('attached');
  });

  it('reaches no target that a tag asks for without consent', async () => {
    const { result, calls } = await sync({
      work: [bound('a', 0, { standing: { kind: 'asked' }, state: { kind: 'unread' } })],
      asked: 'targets',
    });
    expect(azureCalls(calls)).toEqual(['ObserveSource']);
    expect(result.verdict).toBe('blocked');
    expect(result.targets[0]?.problem?.code).toBe('BINDING_NOT_ALLOWED');
  });

  it('makes a pinned reference versionless, bound to the ETag it saw', async () => {
    const { result, calls } = await sync(
      { work: [bound('a', 1, { state: { kind: 'unread' } })] },
      { ObserveTarget: () => installed(1, true) },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'ObserveTarget', 'RepointTarget']);
    expect(calls.find(({ name }) => name === 'RepointTarget')?.input).toMatchObject({
      etag: '"1"',
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'repointed', reason: 'VersionPinned' });
  });

  it('changes nothing while the current version is disabled', async () => {
    const { result, calls } = await sync({ observation: observed(2, false) });
    expect(azureCalls(calls)).toEqual(['ObserveSource']);
    expect(result.targets[0]?.problem?.code).toBe('CURRENT_VERSION_DISABLED');
    expect(result.verdict).toBe('blocked');
  });

  it('keeps its hands off a source tagged to be ignored', async () => {
    const { result, calls } = await sync({ asked: 'ignore' });
    expect(azureCalls(calls)).toEqual(['ObserveSource']);
    expect(result.targets).toEqual([]);
  });

  it('tells the ledger to give everything up when the tag says none', async () => {
    const { calls } = await sync({ asked: 'unbind' });
    expect(calls.find(({ name }) => name === 'RecordSync')?.input).toMatchObject({ unbind: true });
    expect(azureCalls(calls)).toEqual(['ObserveSource']);
  });

  it('records who asked for it', async () => {
    const by = { kind: 'entra', id: 'an-id', name: 'Ann' } as const;
    const asked = await sync({ by });
    expect(asked.calls.find(({ name }) => name === 'RecordSync')?.input).toMatchObject({ by });
    const unasked = await sync({});
    const recorded = unasked.calls.find(({ name }) => name === 'RecordSync')?.input;
    expect(recorded).not.toHaveProperty('by');
  });

  it('tells of a problem of the source once', async () => {
    const problem = { code: 'TARGET_UNREADABLE', message: 'a tag' } as const;
    const published = async (told: readonly string[]) =>
      (await sync({ work: [], problems: [problem], told })).calls.filter(
        ({ name }) => name === 'PublishOutcomes',
      ).length;
    expect(await published([])).toBe(1);
    expect(await published(['a tag'])).toBe(0);
  });

  it('says what is in the way, and closes, when the source cannot be read', async () => {
    const problem = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'may not read' } as const;
    const { result, calls, world } = await sync(
      {},
      {
        ObserveSource: () => {
          throw new TerminalError(problem);
        },
      },
    );
    expect(result).toMatchObject({ verdict: 'blocked', problems: [problem], targets: [] });
    expect(calls.map(({ name }) => name)).toContain('RecordSync');
    expect(world.closed).toBe(1);
  });

  it('is no success when the ledger could not be written', async () => {
    const problem = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'no table' } as const;
    const { result } = await sync(
      {},
      {
        RecordSync: () => {
          throw new TerminalError(problem);
        },
      },
    );
    expect(result).toMatchObject({ verdict: 'blocked', problems: [problem] });
    expect(result.targets[0]?.outcome).toBe('rotated');
  });

  it('tells of an obstacle once, not at every look', async () => {
    const known = bound('a', 0, {
      standing: { kind: 'asked' },
      state: { kind: 'unread' },
      knownProblem: 'BINDING_NOT_ALLOWED',
    });
    const fresh = await sync({
      work: [bound('a', 0, { standing: { kind: 'asked' }, state: { kind: 'unread' } })],
    });
    const again = await sync({ work: [known] });
    const published = (calls: readonly { name: string }[]) =>
      calls.filter(({ name }) => name === 'PublishOutcomes').length;
    expect(published(fresh.calls)).toBe(1);
    expect(published(again.calls)).toBe(0);
  });

  it('never lets a failed publication fail the sync', async () => {
    const { result, status } = await sync(
      {},
      {
        PublishOutcomes: () => {
          throw new TerminalError({ code: 'AZURE_REFUSED', message: 'no such topic' });
        },
      },
    );
    expect(status).toBe('Completed');
    expect(result.verdict).toBe('succeeded');
  });

  it('says each step in words', async () => {
    const { statuses } = await sync({});
    expect(statuses).toEqual([
      { step: 'Reading contoso-kv/gateway-client' },
      { step: 'contoso-kv/gateway-client: refreshing 1 target' },
      { step: 'contoso-kv/gateway-client: done' },
    ]);
  });
});
