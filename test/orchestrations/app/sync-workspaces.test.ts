import { TerminalError } from '../../../shared/domain/errors.ts';
import { makeLooks } from '../../support/domain-samples.ts';
import { makeStoppingSync } from './stopping-sync.ts';
import {
  azureCalls,
  bound,
  boundInWorkspace,
  observed,
  pushed,
  REFUSAL,
  thumb,
  uploaded,
} from './sync-world.ts';

describe('the sync of a source that workspaces hold', () => {
  const sync = makeStoppingSync();
  const asked = boundInWorkspace('a', 0, {
    standing: { kind: 'asked' },
    consented: true,
    state: { kind: 'unread' },
  });
  const { pushedThumbprint: _, previousThumbprint: __, ...newlyAsked } = asked;

  it('takes one source read and one push for each when all is well', async () => {
    const { result, calls } = await sync({
      work: [boundInWorkspace('a', 1), boundInWorkspace('b', 1), bound('c', 1)],
    });
    expect(azureCalls(calls).sort()).toEqual([
      'ObserveSource',
      'PushTarget',
      'PushTarget',
      'RefreshTarget',
    ]);
    expect(calls.find(({ name }) => name === 'PushTarget')?.input).toEqual({
      source: { vault: 'contoso-kv', name: 'gateway-client' },
      target: {
        kind: 'workspace-certificate',
        service: 'contoso-gw',
        workspace: 'team-a',
        id: 'a',
      },
      wanted: { version: 'v2', thumbprint: thumb(2) },
      etag: '"1"',
    });
    expect(result.targets.map(({ outcome }) => outcome)).toEqual(['rotated', 'rotated', 'rotated']);
    expect(result.targets[0]).toMatchObject({
      target: 'contoso-gw/workspaces/team-a/certificates/a',
      thumbprint: thumb(2),
      previousThumbprint: thumb(1),
    });
  });

  it('keeps the state that a push left behind for the next one', async () => {
    const { calls } = await sync({ work: [boundInWorkspace('a', 1)] });
    expect(calls.find(({ name }) => name === 'RecordSync')?.input).toMatchObject({
      targets: [{ etag: '"2"', versionless: false }],
    });
  });

  it('does nothing where the ledger has the current version, and forgets nothing', async () => {
    const { result, calls } = await sync({ work: [boundInWorkspace('a', 2)] });
    expect(azureCalls(calls)).toEqual(['ObserveSource']);
    expect(result.targets[0]?.outcome).toBe('current');
    expect(calls.find(({ name }) => name === 'RecordSync')?.input).toMatchObject({
      targets: [{ etag: '"2"' }],
    });
  });

  it('puts there what a tag asks for and consent allows', async () => {
    const { result, calls } = await sync(
      { work: [newlyAsked], asked: 'targets' },
      { ObserveTarget: () => ({ kind: 'absent' }) },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'ObserveTarget', 'PushTarget']);
    expect(calls.find(({ name }) => name === 'PushTarget')?.input).not.toHaveProperty('etag');
    expect(result.targets[0]).toMatchObject({ outcome: 'attached', reason: 'TargetAbsent' });
  });

  it('brings an earlier version up to date that somebody had uploaded by hand', async () => {
    const { result, calls } = await sync(
      { work: [newlyAsked], asked: 'targets' },
      { ObserveTarget: () => uploaded(1) },
    );
    expect(azureCalls(calls)).toEqual([
      'ObserveSource',
      'ObserveTarget',
      'IdentifyTarget',
      'PushTarget',
    ]);
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated', previousThumbprint: thumb(1) });
  });

  it('leaves alone what is no version of the source', async () => {
    const { result, calls } = await sync(
      { work: [newlyAsked], asked: 'targets' },
      {
        ObserveTarget: () => uploaded(99),
        IdentifyTarget: ({ installed }: { installed: object }) => ({
          kind: 'present',
          installed: { ...installed, reference: { kind: 'uploaded', ofSource: false } },
        }),
      },
    );
    expect(azureCalls(calls)).not.toContain('PushTarget');
    expect(result.targets[0]).toMatchObject({
      outcome: 'blocked',
      problem: { code: 'TARGET_TAKEN' },
    });
  });

  it('looks, and pushes again, when the ledger was wrong about the state', async () => {
    let pushes = 0;
    const { result, calls } = await sync(
      { work: [boundInWorkspace('a', 1)] },
      {
        PushTarget: () => {
          pushes += 1;
          return pushes === 1 ? uploaded(1, '"9"') : pushed(2);
        },
      },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'PushTarget', 'PushTarget']);
    expect(calls.filter(({ name }) => name === 'PushTarget')[1]?.input).toMatchObject({
      etag: '"9"',
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated', thumbprint: thumb(2) });
  });

  it('is content with a newer version than it knew of, once the vault shows it too', async () => {
    const { result, calls } = await sync(
      { work: [boundInWorkspace('a', 1)] },
      { PushTarget: () => pushed(3), RereadSource: () => observed(3) },
    );
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated', thumbprint: thumb(3) });
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'PushTarget', 'RereadSource']);
  });

  it('judges a newer version first, before it goes to a workspace', async () => {
    const looks = (subject: string) => makeLooks({ subject });
    const yardstick = {
      onSuspect: 'hold',
      verified: { version: 'v1', looks: looks('CN=good') },
    } as const;
    const withLooks = (version: number, subject: string) => {
      const seen = observed(version);
      if (seen.kind !== 'present') throw new Error('a version is there');
      return { ...seen, current: { ...seen.current, looks: looks(subject) } };
    };
    const { result, calls } = await sync(
      {
        observation: withLooks(2, 'CN=good'),
        yardstick,
        work: [{ ...newlyAsked, state: { kind: 'absent' } }, boundInWorkspace('b', 1)],
      },
      {
        // The vault shows v3 by now, which nobody has judged.
        PushTarget: ({ exactly, etag }: { exactly?: true; etag?: string }) => {
          if (exactly !== true) return pushed(3);
          return etag === undefined ? { kind: 'absent' } : uploaded(1);
        },
        RereadSource: () => withLooks(3, 'CN=evil'),
      },
    );
    expect(result.targets).toMatchObject([
      { outcome: 'blocked', problem: { code: 'VERSION_HELD' } },
      { outcome: 'blocked', problem: { code: 'VERSION_HELD' }, thumbprint: thumb(1) },
    ]);
    expect(calls.filter(({ name }) => name === 'PushTarget').length).toBeLessThan(5);
  });

  it('finds out why a push was refused', async () => {
    const cause = { code: 'CERTIFICATE_EXPIRED', message: 'It has expired.' } as const;
    const { result, calls } = await sync(
      { work: [boundInWorkspace('a', 1)] },
      {
        PushTarget: () => {
          throw new TerminalError(REFUSAL);
        },
        DiagnoseTarget: () => [cause, REFUSAL],
      },
    );
    expect(calls.find(({ name }) => name === 'DiagnoseTarget')?.input).toMatchObject({
      target: { kind: 'workspace-certificate' },
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'blocked', problem: cause });
  });

  it('says apart that Certkeeper itself may not read the key, and asks for no diagnosis', async () => {
    const problem = {
      code: 'CERTKEEPER_PERMISSION_MISSING',
      message: 'Certkeeper itself may not read the private key.',
      cure: 'az role assignment create …',
    } as const;
    const { result, calls } = await sync(
      { work: [boundInWorkspace('a', 1), bound('b', 1)] },
      {
        PushTarget: () => {
          throw new TerminalError(problem);
        },
      },
    );
    expect(azureCalls(calls)).not.toContain('DiagnoseTarget');
    expect(result.targets).toMatchObject([{ outcome: 'blocked', problem }, { outcome: 'rotated' }]);
  });
});
