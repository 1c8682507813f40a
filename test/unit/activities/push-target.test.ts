import { makeIdentifyTarget } from '../../../functions/activities/identify-target.ts';
import { makePushTarget } from '../../../functions/activities/push-target.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import { targetKey } from '../../../shared/domain/target.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
import {
  makeInstalled,
  makePresent,
  makePushedBinding,
  makeUploaded,
  NEW_THUMBPRINT,
  NEW_VERSION,
  NOW,
  OLD_THUMBPRINT,
  OTHER_SOURCE,
  PROBLEM,
  SOURCE,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryLedger, type MemoryLedger } from '../../support/memory-ledger.ts';

const ABSENT: TargetState = { kind: 'absent' };
const CHANGED: Problem = { code: 'TARGET_CHANGED', message: 'somebody changed it' };
const LATER: Problem = { code: 'AZURE_UNAVAILABLE', message: 'not now' };
const OLD = makeUploaded({ thumbprint: OLD_THUMBPRINT, etag: '"1"' });
const FOREIGN = makeUploaded({ thumbprint: 'F'.repeat(40), etag: '"5"' });
const wanted = { version: NEW_VERSION, thumbprint: NEW_THUMBPRINT };
const newer = (at: number) => ({ version: `v${String(at)}`, thumbprint: String(at).repeat(40) });

/** A vault whose versions come one after the other, and a workspace with If-Match. */
function setUp({
  there = ABSENT,
  current = [wanted],
  afterwards,
  ledger = makeMemoryLedger(),
}: {
  there?: TargetState;
  /** What is current at one reading of the secret after the other; then the last one. */
  current?: readonly { version: string; thumbprint: string }[];
  /** What the vault shows after a push; undefined = what the next reading of the secret gives. */
  afterwards?: SourceObservation;
  ledger?: MemoryLedger;
} = {}) {
  const coming = [...current];
  const next = () => (coming.length > 1 ? coming.shift() : coming[0]) ?? wanted;
  let state = there;
  let etags = 10;
  let read = wanted;
  const files: Uint8Array[] = [];
  const push = jest.fn(async (_target: unknown, _pfx: Uint8Array, etag: string | undefined) => {
    const seen = state.kind === 'present' ? state.installed.etag : undefined;
    if (seen !== etag) throw new TerminalError(CHANGED);
    etags += 1;
    state = makeUploaded({ thumbprint: read.thumbprint, etag: `"${String(etags)}"` });
    return state.installed;
  });
  const run = makePushTarget({
    ledger,
    pushed: { push, observe: async () => state },
    vaults: {
      readCurrent: async () => afterwards ?? makePresent(coming[0] ?? wanted),
      versions: async () => [
        { ...wanted, thumbprint: OLD_THUMBPRINT, enabled: true, createdAt: NOW },
      ],
    },
    writer: {
      readCurrentPfx: async () => {
        read = next();
        const pfx = Buffer.from('the private key');
        files.push(pfx);
        return { ...read, pfx };
      },
    },
  });
  return {
    push,
    files,
    ledger,
    run: (etag?: string, exactly?: true) =>
      run({
        source: SOURCE,
        target: WORKSPACE_TARGET,
        wanted,
        ...(etag === undefined ? {} : { etag }),
        ...(exactly === undefined ? {} : { exactly }),
      }),
    owner: () => ledger.claims.get(targetKey(WORKSPACE_TARGET)),
    state: () => state,
  };
}

describe('Pushing', () => {
  test('takes the target for the source and puts the current version there', async () => {
    const { run, owner, push } = setUp();
    await expect(run()).resolves.toMatchObject({
      kind: 'present',
      installed: { thumbprint: NEW_THUMBPRINT, etag: '"11"', pushedVersion: NEW_VERSION },
    });
    expect(push).toHaveBeenCalledTimes(1);
    expect(push).toHaveBeenCalledWith(WORKSPACE_TARGET, expect.anything(), undefined);
    expect(owner()).toEqual(SOURCE);
  });

  test('replaces what was seen, and only that', async () => {
    const { run, push } = setUp({ there: OLD });
    await expect(run('"1"')).resolves.toMatchObject({ installed: { pushedVersion: NEW_VERSION } });
    expect(push).toHaveBeenCalledWith(WORKSPACE_TARGET, expect.anything(), '"1"');
  });

  test('leaves no private key behind in memory', async () => {
    const { run, files } = setUp();
    await run();
    expect(files).toHaveLength(1);
    expect(files[0]?.every((byte) => byte === 0)).toBe(true);
  });

  test('leaves none behind when it fails either', async () => {
    const { run, files, push } = setUp();
    push.mockRejectedValueOnce(new TransientError(LATER));
    await expect(run()).rejects.toBeInstanceOf(TransientError);
    expect(files[0]?.every((byte) => byte === 0)).toBe(true);
  });

  test('pushes what is current when it comes to it, not what was planned', async () => {
    const { run } = setUp({ there: OLD, current: [newer(2)] });
    await expect(run('"1"')).resolves.toMatchObject({ installed: { pushedVersion: 'v2' } });
  });

  test('pushes a newer version that came meanwhile as well, onto what it left behind', async () => {
    const { run, push, state } = setUp({ there: OLD, current: [wanted, newer(2)] });
    await expect(run('"1"')).resolves.toMatchObject({ installed: { pushedVersion: 'v2' } });
    expect(push.mock.calls.map(([, , etag]) => etag)).toEqual(['"1"', '"11"']);
    expect(state()).toMatchObject({ installed: { thumbprint: newer(2).thumbprint } });
  });

  test('leaves it to the plan when versions come faster than it can push', async () => {
    const current = [wanted, newer(2), newer(3), newer(4), newer(5)];
    const { run, push } = setUp({ there: OLD, current });
    await expect(run('"1"')).resolves.toMatchObject({ installed: { pushedVersion: 'v3' } });
    expect(push).toHaveBeenCalledTimes(3);
  });

  test('puts no version there that nobody has judged, where versions are judged first', async () => {
    const { run, push, files } = setUp({ there: OLD, current: [newer(2)] });
    await expect(run('"1"', true)).resolves.toEqual(OLD);
    expect(push).not.toHaveBeenCalled();
    expect(files[0]?.every((byte) => byte === 0)).toBe(true);
  });

  test('pushes the judged one and no newer one after it', async () => {
    const { run, push } = setUp({ there: OLD, current: [wanted, newer(2)] });
    await expect(run('"1"', true)).resolves.toMatchObject({
      installed: { pushedVersion: NEW_VERSION },
    });
    expect(push).toHaveBeenCalledTimes(1);
  });

  test.each<[sentence: string, afterwards: SourceObservation]>([
    ['disabled', makePresent({ ...newer(2), enabled: false })],
    ['disabled, and the vault says no more', { kind: 'disabled' }],
    ['deleted', { kind: 'missing' }],
  ])('stays with what it put there when a newer version is %s', async (_, afterwards) => {
    const { run, push } = setUp({ there: OLD, afterwards });
    await expect(run('"1"')).resolves.toMatchObject({ installed: { pushedVersion: NEW_VERSION } });
    expect(push).toHaveBeenCalledTimes(1);
  });

  test('is late and does no harm: a newer version that landed meanwhile stays', async () => {
    const landed = makeUploaded({ thumbprint: newer(3).thumbprint, etag: '"9"' });
    const { run, state } = setUp({ there: landed });
    const answer = await run('"1"');
    expect(answer).toEqual(landed);
    expect(state()).toEqual(landed);
  });

  test('answers what somebody else put there meanwhile, for the plan to decide', async () => {
    const { run, state } = setUp({ there: FOREIGN });
    await expect(run('"1"')).resolves.toEqual(FOREIGN);
    expect(state()).toEqual(FOREIGN);
  });

  test('answers that it is gone', async () => {
    const { run } = setUp({ there: ABSENT });
    await expect(run('"1"')).resolves.toEqual(ABSENT);
  });
});

describe('Pushing again after a crash', () => {
  test('finds what it put there, and says so', async () => {
    const { run } = setUp({ there: makeUploaded({ etag: '"2"' }) });
    await expect(run('"1"')).resolves.toMatchObject({
      installed: { etag: '"2"', pushedVersion: NEW_VERSION },
    });
  });

  test('replaces an earlier version that it created before', async () => {
    const { run, push } = setUp({ there: OLD });
    await expect(run()).resolves.toMatchObject({ installed: { pushedVersion: NEW_VERSION } });
    expect(push.mock.calls.map(([, , etag]) => etag)).toEqual(['"1"']);
  });

  test('looks for a newer version all the same', async () => {
    const { run } = setUp({
      there: makeUploaded({ etag: '"2"' }),
      current: [wanted, newer(2)],
    });
    await expect(run('"1"')).resolves.toMatchObject({ installed: { pushedVersion: 'v2' } });
  });
});

describe('A push leaves to others what is theirs', () => {
  test('when the target belongs to another source', async () => {
    const ledger = makeMemoryLedger([makePushedBinding({ source: OTHER_SOURCE })]);
    const { run, push, owner } = setUp({ ledger });
    await expect(run()).rejects.toMatchObject({ problem: { code: 'TARGET_TAKEN' } });
    expect(push).not.toHaveBeenCalled();
    expect(owner()).toEqual(OTHER_SOURCE);
  });

  test('when something came into being where nothing was', async () => {
    const { run, push, owner } = setUp({ there: FOREIGN });
    await expect(run()).rejects.toMatchObject({ problem: { code: 'TARGET_TAKEN' } });
    expect(push).not.toHaveBeenCalled();
    expect(owner()).toBeUndefined();
  });

  test.each<[sentence: string, error: Error]>([
    ['refused', new TerminalError(PROBLEM)],
    ['put off', new TransientError(LATER)],
  ])('and gives a claim back when it is %s', async (_, error) => {
    const { run, push, owner } = setUp();
    push.mockRejectedValueOnce(error);
    await expect(run()).rejects.toBe(error);
    expect(owner()).toBeUndefined();
  });

  test('and gives a claim back that is left of a run that was cut off', async () => {
    const ledger = makeMemoryLedger();
    await ledger.claim(SOURCE, WORKSPACE_TARGET);
    const { run, push, owner } = setUp({ ledger });
    push.mockRejectedValueOnce(new TerminalError(PROBLEM));
    await expect(run()).rejects.toMatchObject({ problem: PROBLEM });
    expect(owner()).toBeUndefined();
  });

  test('and keeps the claim of what is bound, whatever comes of it', async () => {
    const { run, push, owner } = setUp({
      there: OLD,
      ledger: makeMemoryLedger([makePushedBinding()]),
    });
    push.mockRejectedValueOnce(new TerminalError(PROBLEM));
    await expect(run('"1"')).rejects.toMatchObject({ problem: PROBLEM });
    expect(owner()).toEqual(SOURCE);
  });
});

describe('Identifying', () => {
  const identify = makeIdentifyTarget({
    versions: async () => [
      { version: 'a', enabled: true, createdAt: NOW },
      { version: 'b', thumbprint: OLD_THUMBPRINT, enabled: false, createdAt: NOW },
    ],
  });

  test.each<[sentence: string, installed: typeof OLD.installed, ofSource: boolean]>([
    ['finds an earlier version, a disabled one too', OLD.installed, true],
    ['knows what is no version', FOREIGN.installed, false],
    ['takes nothing without thumbprint for a version', { reference: { kind: 'uploaded' } }, false],
  ])('%s', async (_, installed, ofSource) => {
    await expect(identify({ source: SOURCE, installed })).resolves.toEqual({
      kind: 'present',
      installed: { ...installed, reference: { kind: 'uploaded', ofSource } },
    });
  });

  test('leaves a reference to a vault what it is', async () => {
    const installed = makeInstalled();
    await expect(identify({ source: SOURCE, installed })).resolves.toEqual({
      kind: 'present',
      installed,
    });
  });
});
