/** Sources that are back, and what was removed in between. */
import { TerminalError, TransientError } from '../../../../shared/domain/errors.ts';
import { makeCleanupWorld, PowerCut, VAULT } from '../../../support/cleanup-world.ts';
import { makeBinding, NEW_THUMBPRINT, SOURCE, TARGET } from '../../../support/domain-samples.ts';

const BOUND = makeBinding({ targetThumbprint: NEW_THUMBPRINT });
const AZURE_BUSY = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });
const UNREADABLE = new TerminalError({ code: 'RECORD_UNREADABLE', message: 'no' });

async function removed(more: Partial<typeof BOUND> = {}) {
  const world = makeCleanupWorld({
    bindings: [{ ...BOUND, ...more }],
    policy: { discovered: true },
  });
  world.softDelete(SOURCE);
  await world.sweep();
  world.pass(8);
  await world.sweep();
  expect(world.removals).toHaveLength(1);
  world.syncs.length = 0;
  world.recover(SOURCE);
  return world;
}
const status = async (world: Awaited<ReturnType<typeof removed>>) => {
  for await (const { cleanup } of world.cleanups.list()) return cleanup.status;
  return undefined;
};

describe('A source that is back before its target was removed', () => {
  test('is no orphan any more, told so, and synced', async () => {
    const world = makeCleanupWorld({ bindings: [BOUND] });
    world.softDelete(SOURCE);
    await world.sweep();
    world.syncs.length = 0;
    world.recover(SOURCE);
    await expect(world.survey()).resolves.toMatchObject({ recovered: 1, orphaned: 0, syncs: 1 });
    await expect(world.orphan()).resolves.toBeUndefined();
    expect(world.syncs).toEqual(['contoso-kv/gateway-client']);
    expect(world.told('TargetRecovered')).toBe(1);
    await expect(world.acts()).resolves.toContain('orphan: recovered');
    await expect(world.survey()).resolves.toMatchObject({ recovered: 0 });
  });

  test('is told so by a later sweep when that was not possible now', async () => {
    const world = makeCleanupWorld({ bindings: [BOUND] });
    world.softDelete(SOURCE);
    await world.sweep();
    world.recover(SOURCE);
    jest.spyOn(world.ports.publisher, 'publish').mockRejectedValueOnce(AZURE_BUSY);
    await world.survey();
    await expect(world.orphan()).resolves.toMatchObject({ backAt: world.now() });
    await expect(world.survey()).resolves.toMatchObject({ recovered: 0 });
    await expect(world.orphan()).resolves.toBeUndefined();
    expect(world.told('TargetRecovered')).toBe(1);
  });

  test('and is deleted again while nobody can be told, counts from then on', async () => {
    const world = makeCleanupWorld({ bindings: [BOUND] });
    world.softDelete(SOURCE);
    await world.sweep();
    world.pass(6);
    world.recover(SOURCE);
    jest.spyOn(world.ports.publisher, 'publish').mockRejectedValue(AZURE_BUSY);
    await expect(world.sweep()).resolves.toMatchObject({ kept: 0 });
    world.softDelete(SOURCE);
    world.purge(SOURCE);
    const deleted = world.now();
    await world.sweep();
    await expect(world.orphan()).resolves.toMatchObject({ fate: 'purged', since: deleted });
    world.pass(6);
    await world.sweep();
    expect(world.removals).toEqual([]);
    world.pass(1.1);
    await world.sweep();
    expect(world.removals).toHaveLength(1);
  });
});

describe('A source that is back after its target was removed', () => {
  test.each<[sentence: string, more: Partial<typeof BOUND>, binding: object]>([
    ['by a tag that is gone is asked for as if by a call', {}, { origin: 'http' }],
    ['by a call is asked for by it again', { origin: 'http' }, { origin: 'http' }],
    [
      'beyond CERTKEEPER_ALLOW is asked for so again',
      { allowedBy: 'manage' },
      { allowedBy: 'manage', origin: 'http' },
    ],
    ['by hand is asked for as if by a call', { origin: 'discovered' }, { origin: 'http' }],
  ])('and was bound %s', async (_, more, binding) => {
    const world = await removed(more);
    await expect(world.survey()).resolves.toMatchObject({ rebound: 1, syncs: 1 });
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toEqual({
      source: SOURCE,
      target: TARGET,
      origin: 'tag',
      // Whether it may be put there is for the sync to decide anew.
      claimed: false,
      status: 'pending',
      versionless: false,
      ...binding,
    });
    expect(world.syncs).toEqual(['contoso-kv/gateway-client']);
    await expect(status(world)).resolves.toBe('undone');
    expect(world.told('TargetRecovered')).toBe(1);
    await expect(world.acts()).resolves.toContain('undo: rebound');
    await expect(world.survey()).resolves.toMatchObject({ rebound: 0 });
  });

  test.each<[sentence: string, tag: string, origin: string]>([
    ['still names the target is asked for by it', 'contoso-gw/certificates/gateway-client', 'tag'],
    ['names others by now is asked for as if by a call', 'contoso-gw/certificates/other', 'http'],
  ])('and was bound by a tag that %s', async (_, tag, origin) => {
    const world = await removed();
    world.put(SOURCE, { tags: { 'certkeeper-targets': tag } });
    await expect(world.survey()).resolves.toMatchObject({ rebound: 1 });
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({
      origin,
      claimed: false,
    });
  });

  test('is something new under an old name when it comes long after', async () => {
    const world = await removed();
    world.purge(SOURCE);
    world.pass(91);
    await world.survey();
    expect((await world.cleanups.open(VAULT)).removals).toEqual([]);
    world.put(SOURCE);
    await expect(world.survey()).resolves.toMatchObject({ rebound: 0 });
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toBeUndefined();
  });

  test('is asked for and synced at once when nobody can be told of it, and told later', async () => {
    const world = await removed();
    jest.spyOn(world.ports.publisher, 'publish').mockRejectedValueOnce(AZURE_BUSY);
    await expect(world.survey()).resolves.toMatchObject({ rebound: 1, syncs: 1 });
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({ claimed: false });
    expect(world.told('TargetRecovered')).toBe(0);
    await expect(status(world)).resolves.toBe('removed');
    // The sync has installed it meanwhile.
    await world.ledger.saveBinding({ ...BOUND, verifiedAt: '2027-01-01T00:00:00.000Z' });
    await world.survey();
    expect(world.told('TargetRecovered')).toBe(1);
    await expect(status(world)).resolves.toBe('undone');
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({ claimed: true });
  });

  test('is asked for before it is told: a power cut in between loses neither', async () => {
    const world = await removed();
    const publish = jest.spyOn(world.ports.publisher, 'publish');
    const bound: unknown[] = [];
    publish.mockImplementationOnce(async () => {
      bound.push(await world.ledger.binding(SOURCE, TARGET));
      throw new PowerCut();
    });
    await expect(world.survey()).rejects.toThrow(PowerCut);
    expect(bound).toMatchObject([{ claimed: false, status: 'pending' }]);
    await expect(world.survey()).resolves.toMatchObject({ rebound: 1 });
    expect(world.told('TargetRecovered')).toBe(1);
  });

  test('is taken up again beside a removal whose row cannot be read, which is told', async () => {
    const world = await removed();
    jest.spyOn(world.ports.cleanups, 'findOpen').mockRejectedValueOnce(UNREADABLE);
    await expect(world.survey()).resolves.toMatchObject({
      rebound: 0,
      problems: [{ code: 'RECORD_UNREADABLE' }],
    });
    const open = jest.spyOn(world.ports.cleanups, 'open');
    open.mockResolvedValueOnce({ removals: [], unreadable: [UNREADABLE.problem] });
    await expect(world.survey()).resolves.toMatchObject({
      rebound: 0,
      problems: [{ code: 'RECORD_UNREADABLE' }],
    });
    await expect(world.survey()).resolves.toMatchObject({ rebound: 1, problems: [] });
  });

  test('costs no read as long as it is gone', async () => {
    const world = await removed();
    world.softDelete(SOURCE);
    const find = jest.spyOn(world.ports.cleanups, 'findOpen');
    await world.survey();
    expect(find).not.toHaveBeenCalled();
    world.recover(SOURCE);
    await world.survey();
    expect(find).toHaveBeenCalledTimes(1);
  });

  test('and was bound anew in between is left as it is', async () => {
    const world = await removed();
    const anew = makeBinding({ origin: 'http', verifiedAt: '2027-01-01T00:00:00.000Z' });
    await world.ledger.saveBinding(anew);
    await world.survey();
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toEqual(anew);
    await expect(status(world)).resolves.toBe('undone');
  });

  test('makes what somebody has asked for meanwhile no less', async () => {
    const world = await removed({ allowedBy: 'manage' });
    const asked = makeBinding({ claimed: false, origin: 'http', takeOver: true });
    await world.ledger.saveBinding(asked);
    await world.survey();
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toEqual({
      ...asked,
      allowedBy: 'manage',
    });
  });

  test('may be deleted and removed once more', async () => {
    const world = await removed();
    await world.survey();
    await world.ledger.saveBinding({ ...BOUND, verifiedAt: world.now() });
    await world.ledger.claim(SOURCE, TARGET);
    world.install(TARGET);
    world.softDelete(SOURCE);
    await world.sweep();
    world.pass(8);
    await world.sweep();
    expect(world.removals).toHaveLength(2);
    expect(world.told('TargetRemoved')).toBe(2);
    expect((await world.cleanups.open(VAULT)).removals).toHaveLength(1);
  });
});

describe('A removal that was cut off before its source came back', () => {
  const cutOff = async (gone: boolean) => {
    const world = makeCleanupWorld({
      bindings: [{ ...BOUND, origin: 'discovered' }],
      policy: { discovered: true },
    });
    world.softDelete(SOURCE);
    await world.sweep();
    world.pass(8);
    const remove = world.ports.remove.getMockImplementation() ?? (() => undefined as never);
    world.ports.remove.mockImplementationOnce(async (target, etag) => {
      if (gone) await remove(target, etag);
      throw AZURE_BUSY;
    });
    await world.sweep();
    world.recover(SOURCE);
    return world;
  };

  test('is undone where the target is gone', async () => {
    const world = await cutOff(true);
    await expect(world.survey()).resolves.toMatchObject({ recovered: 1, rebound: 1 });
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({
      claimed: false,
      origin: 'http',
    });
    expect(world.ledger.claims.size).toBe(0);
    await expect(status(world)).resolves.toBe('undone');
  });

  test('is given up where the target is still there', async () => {
    const world = await cutOff(false);
    await expect(world.survey()).resolves.toMatchObject({ recovered: 1, rebound: 0 });
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({
      claimed: true,
      origin: 'discovered',
    });
    await expect(status(world)).resolves.toBe('given-up');
  });

  test('is left to the next sweep where that cannot be told', async () => {
    const world = await cutOff(true);
    world.ports.observe.mockRejectedValueOnce(AZURE_BUSY);
    await expect(world.survey()).resolves.toMatchObject({
      rebound: 0,
      problems: [{ code: 'AZURE_UNAVAILABLE' }],
    });
    await expect(world.survey()).resolves.toMatchObject({ rebound: 1 });
  });
});
