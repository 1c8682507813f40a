import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import {
  azureCalls,
  bound,
  installed,
  observed,
  REFUSAL,
  syncAgainst,
  thumb,
} from './sync-world.ts';

describe('the sync of one source', () => {
  const kits: { stop(): unknown }[] = [];
  const sync = async (...args: Parameters<typeof syncAgainst>) => {
    const run = await syncAgainst(...args);
    kits.push(run.kit);
    return run;
  };
  afterEach(async () => {
    for (const kit of kits.splice(0)) await kit.stop();
  });

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

  it('still says what was removed when something arrives meanwhile', async () => {
    let first = true;
    const { result } = await sync(
      { work: [bound('a', 1, { leaving: true })] },
      {
        CloseSync: () => {
          const again = first;
          first = false;
          return { again };
        },
        ObserveSource: () => ({
          arrival: 1,
          observation: observed(2),
          asked: 'nothing',
          work: first ? [bound('a', 1, { leaving: true })] : [],
          problems: [],
          told: [],
          vaultSuffix: 'vault.azure.net',
        }),
      },
    );
    expect(result.targets).toMatchObject([{ outcome: 'removed' }]);
  });

  it.each(['nothing', 'unbind'] as const)(
    'still says why a new binding was refused when something arrives meanwhile and asks for %s',
    async (asked) => {
      let looks = 0;
      const { result } = await sync(
        {},
        {
          CloseSync: () => ({ again: looks === 1 }),
          ObserveSource: () => {
            looks += 1;
            return {
              arrival: looks,
              observation: observed(2),
              asked: looks === 1 ? 'nothing' : asked,
              // Nothing is left of it: what had been claimed for it was given back.
              work:
                looks === 1
                  ? [bound('a', 0, { standing: { kind: 'asked' }, state: { kind: 'unread' } })]
                  : [],
              problems: [],
              told: [],
              vaultSuffix: 'vault.azure.net',
            };
          },
        },
      );
      expect(looks).toBe(2);
      expect(result).toMatchObject(
        asked === 'nothing'
          ? { verdict: 'blocked', targets: [{ problem: { code: 'BINDING_NOT_ALLOWED' } }] }
          : { verdict: 'succeeded', targets: [] },
      );
    },
  );

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

  it('reads again, on durable timers, when the refresh does not answer the current version', async () => {
    let reads = 0;
    const { result, calls } = await sync(
      {},
      {
        RefreshTarget: () => installed(1),
        ObserveTarget: () => {
          reads += 1;
          return installed(reads === 3 ? 2 : 1);
        },
      },
    );
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated', thumbprint: thumb(2) });
    const at = calls
      .filter(({ name }) => name === 'ObserveTarget')
      .map((one) => Date.parse(one.at));
    expect(at.map((time) => Math.round((time - (at[0] ?? 0)) / 1_000))).toEqual([0, 2, 6]);
  });

  it('fails, and says so, when the target never reports the current version', async () => {
    const { result, calls } = await sync(
      {},
      { RefreshTarget: () => installed(1), ObserveTarget: () => installed(1) },
    );
    expect(result.verdict).toBe('failed');
    expect(result.targets[0]?.problem?.code).toBe('NOT_VERIFIED');
    expect(azureCalls(calls).filter((name) => name === 'ObserveTarget')).toHaveLength(4);
    expect(azureCalls(calls).filter((name) => name === 'RefreshTarget')).toHaveLength(1);
  });

  it('accepts a target that is ahead, once the vault shows the same version', async () => {
    const { result } = await sync(
      {},
      {
        RefreshTarget: () => installed(3),
        RereadSource: () => observed(3),
        ObserveTarget: () => installed(3),
      },
    );
    expect(result).toMatchObject({ verdict: 'succeeded', version: 'v3', thumbprint: thumb(3) });
  });

  it('asks why when a refresh is answered with a failed read of the vault', async () => {
    const { result, calls } = await sync(
      {},
      {
        RefreshTarget: () => {
          const answer = installed(1);
          if (answer.kind !== 'present') throw new Error('unreachable');
          const lastFailure = { code: 'Forbidden', message: 'no access' };
          return { ...answer, installed: { ...answer.installed, lastFailure } };
        },
        DiagnoseTarget: () => [{ code: 'PERMISSION_MISSING', message: 'no role' }],
      },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RefreshTarget', 'DiagnoseTarget']);
    expect(result.targets[0]).toMatchObject({
      outcome: 'blocked',
      problem: { code: 'PERMISSION_MISSING' },
      thumbprint: thumb(1),
    });
  });

  it('refreshes once more, at once, when a newer version came meanwhile', async () => {
    let refreshes = 0;
    const { result, calls } = await sync(
      {},
      {
        // The first refresh brings a version newer than the one seen, the vault is ahead again.
        RefreshTarget: () => installed((refreshes += 1) === 1 ? 5 : 9),
        RereadSource: () => observed(9),
      },
    );
    expect(result).toMatchObject({ verdict: 'succeeded', version: 'v9' });
    expect(azureCalls(calls)).toEqual([
      'ObserveSource',
      'RefreshTarget',
      'RereadSource',
      'RefreshTarget',
    ]);
    expect(new Set(calls.map(({ at }) => at)).size).toBe(1);
  });

  it('lets targets fail apart: one refused, one unreachable, one rotated', async () => {
    const { result } = await sync(
      { work: [bound('refused', 1), bound('unreachable', 1), bound('fine', 1)] },
      {
        RefreshTarget: ({ target }: { target: { id: string } }) => {
          if (target.id === 'refused') throw new TerminalError(REFUSAL);
          if (target.id === 'unreachable') {
            throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'no answer' });
          }
          return installed(2);
        },
        DiagnoseTarget: () => [
          { code: 'PERMISSION_MISSING', message: 'no role', cure: 'az role assignment create' },
          REFUSAL,
        ],
      },
    );
    expect(result.targets.map(({ outcome }) => outcome)).toEqual(['blocked', 'failed', 'rotated']);
    expect(result.targets[0]?.problem).toMatchObject({ code: 'PERMISSION_MISSING' });
    expect(result.targets[1]?.problem).toEqual({ code: 'AZURE_UNAVAILABLE', message: 'no answer' });
    expect(result.verdict).toBe('failed');
  });

  it('lets a target whose answer has another shape fail alone', async () => {
    const { result } = await sync(
      { work: [bound('odd', 1), bound('fine', 1)] },
      {
        RefreshTarget: ({ target }: { target: { id: string } }) =>
          target.id === 'odd' ? { kind: 'present', installed: null } : installed(2),
      },
    );
    expect(result.targets.map(({ outcome }) => outcome)).toEqual(['failed', 'rotated']);
    expect(result.targets[0]?.problem?.code).toBe('INTERNAL_ERROR');
  });

  it('waits as long as a throttled service asks, and holds up no other target', async () => {
    let tries = 0;
    const { result, calls } = await sync(
      { work: [bound('throttled', 1), bound('fine', 1)] },
      {
        RefreshTarget: ({ target }: { target: { id: string } }) => {
          if (target.id === 'throttled' && (tries += 1) === 1) {
            throw new TransientError(
              { code: 'AZURE_UNAVAILABLE', message: '429' },
              { retryAfterSeconds: 60 },
            );
          }
          return installed(2);
        },
      },
    );
    const refreshes = calls.filter(({ name }) => name === 'RefreshTarget');
    expect(refreshes).toHaveLength(3);
    expect(Date.parse(refreshes[2]?.at ?? '') - Date.parse(refreshes[0]?.at ?? '')).toBe(60_000);
    expect(result.verdict).toBe('succeeded');
  });

  it('gives up none of many targets whose services are throttled at different times', async () => {
    const tries = new Map<string, number>();
    const ids = Array.from({ length: 30 }, (_, index) => `t${String(index)}`);
    const { result } = await sync(
      { work: ids.map((id) => bound(id, 1)) },
      {
        RefreshTarget: ({ target }: { target: { id: string } }) => {
          const before = tries.get(target.id) ?? 0;
          tries.set(target.id, before + 1);
          if (before < 2) {
            throw new TransientError(
              { code: 'AZURE_UNAVAILABLE', message: '429' },
              { retryAfterSeconds: 10 + Number(target.id.slice(1)) },
            );
          }
          return installed(2);
        },
      },
    );
    expect(new Set(result.targets.map(({ outcome }) => outcome))).toEqual(new Set(['rotated']));
  });

  it('brings what was in order already to a version that came while another target was kept', async () => {
    const refreshed: string[] = [];
    const { result } = await sync(
      { work: [bound('early', 1), bound('late', 1)] },
      {
        // The vault gets a third version between the two refreshes.
        RefreshTarget: ({ target }: { target: { id: string } }) => {
          refreshed.push(target.id);
          return installed(target.id === 'late' || refreshed.length > 2 ? 3 : 2);
        },
        RereadSource: () => observed(3),
      },
    );
    expect(refreshed).toEqual(['early', 'late', 'early']);
    expect(result).toMatchObject({ verdict: 'succeeded', version: 'v3' });
    expect(result.targets.map(({ thumbprint }) => thumbprint)).toEqual([thumb(3), thumb(3)]);
  });

  it('waits as long as a throttled vault asks before it looks at the source', async () => {
    let tries = 0;
    const { result, calls } = await sync(
      {},
      {
        ObserveSource: () => {
          if ((tries += 1) === 1) {
            throw new TransientError(
              { code: 'AZURE_UNAVAILABLE', message: '429' },
              { retryAfterSeconds: 7 },
            );
          }
          return {
            arrival: 1,
            observation: observed(2),
            asked: 'nothing',
            work: [bound('a', 1)],
            problems: [],
            told: [],
            vaultSuffix: 'vault.azure.net',
          };
        },
      },
    );
    const [first, second] = calls.filter(({ name }) => name === 'ObserveSource');
    expect(Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '')).toBe(7_000);
    expect(result.verdict).toBe('succeeded');
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

  it('looks again as its last act when something arrived meanwhile', async () => {
    let looks = 0;
    const { result, calls, world } = await sync(
      {},
      {
        RefreshTarget: () => installed(2),
        ObserveSource: () => {
          looks += 1;
          return {
            arrival: looks === 1 ? 1 : 2,
            observation: observed(looks + 1),
            asked: 'nothing',
            work: [bound('a', looks === 1 ? 1 : 2)],
            problems: [],
            told: [],
            vaultSuffix: 'vault.azure.net',
          };
        },
        CloseSync: ({ arrival }: { arrival: number }) => ({ again: arrival === 1 }),
        ObserveTarget: () => installed(3),
        RereadSource: () => observed(3),
      },
    );
    expect(world.closed).toBe(0);
    expect(looks).toBe(2);
    expect(calls.filter(({ name }) => name === 'ObserveSource')[1]?.input).toMatchObject({
      answered: 1,
    });
    // The whole operation went from the first version to the third.
    expect(result.targets[0]).toMatchObject({
      outcome: 'rotated',
      previousThumbprint: thumb(1),
      thumbprint: thumb(3),
    });
  });

  it('keeps what it changed in the result when a second look finds all in place', async () => {
    let looks = 0;
    const { result } = await sync(
      {},
      {
        ObserveSource: () => {
          looks += 1;
          return {
            arrival: looks,
            observation: observed(2),
            asked: 'nothing',
            work: [bound('a', looks === 1 ? 1 : 2)],
            problems: [],
            told: [],
            vaultSuffix: 'vault.azure.net',
          };
        },
        CloseSync: ({ arrival }: { arrival: number }) => ({ again: arrival < 3 }),
      },
    );
    expect(looks).toBe(3);
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated', previousThumbprint: thumb(1) });
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

  it('answers nothing that arrives after a look that failed', async () => {
    const world = { arrivals: 1, closed: 0 };
    const arrive = () => {
      world.arrivals += 1;
      return null;
    };
    const { result } = await sync(
      {},
      {
        ObserveSource: () => {
          throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'no answer' });
        },
        CloseSync: () => {
          world.closed = world.arrivals;
          return { again: false };
        },
        RecordSync: arrive,
        PublishOutcomes: arrive,
      },
    );
    expect(result.verdict).toBe('failed');
    expect(world).toEqual({ arrivals: 3, closed: 1 });
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
