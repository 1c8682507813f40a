import {
  makeCheckServiceAccess,
  type CheckServicePorts,
} from '../../../functions/activities/check-service-access.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { AccessReader } from '../../../shared/domain/access-ports.ts';
import type { OutcomeEvent } from '../../../shared/domain/event-ports.ts';
import type { InstalledCertificate } from '../../../shared/domain/target-state.ts';
import { makeAccessWorld, READING_ROLE } from '../../support/access-world.ts';
import {
  makeBinding,
  makeInstalled,
  makePresent,
  NOW,
  OTHER_SOURCE,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

const ANOTHER = { ...TARGET, id: 'another' };
const IN_ANOTHER_VAULT = { vault: 'contoso-legacy-kv', name: 'legacy-api' };
const LEGACY = { ...TARGET, id: 'legacy-api' };
const INPUT = { service: TARGET.service, operation: 'sweep', at: NOW };

function setUp({
  bindings = [makeBinding()],
  installed = [[TARGET.id, makeInstalled()]] as readonly (readonly [
    string,
    InstalledCertificate,
  ])[],
  access = {},
}: {
  bindings?: Parameters<typeof makeMemoryLedger>[0];
  installed?: readonly (readonly [string, InstalledCertificate])[];
  access?: Partial<AccessReader>;
} = {}) {
  const ledger = makeMemoryLedger(bindings);
  const history = makeMemoryHistory();
  const published: OutcomeEvent[] = [];
  const publish = jest.fn((events: readonly OutcomeEvent[]) => {
    published.push(...events);
    return Promise.resolve();
  });
  const world = makeAccessWorld({ access });
  const list = jest.fn(async function* () {
    for (const [id, one] of installed) yield await Promise.resolve({ id, installed: one });
  });
  const ports = {
    ...world,
    access: {
      service: jest.fn((name: string) => world.access.service(name)),
      vault: jest.fn((name: string) => world.access.vault(name)),
      rolesAt: jest.fn((vault: string, identity: string) => world.access.rolesAt(vault, identity)),
      denialsAt: jest.fn((vault: string) => world.access.denialsAt(vault)),
    },
    vaults: { ...world.vaults, readCurrent: jest.fn(() => Promise.resolve(makePresent())) },
    certificates: { list },
    ledger,
    history,
    publisher: { publish },
  } satisfies CheckServicePorts;
  const run = makeCheckServiceAccess(ports);
  const stored = async (source = SOURCE) => (await ledger.ofSource(source)).access;
  return { run, ports, ledger, history, publish, published, stored };
}
const noRole = { rolesAt: () => Promise.resolve([]) };

describe('The check of a service', () => {
  test('leaves what a later check has written: what was seen before it is of no use', async () => {
    const { run, ports, published, stored } = setUp();
    ports.access.rolesAt.mockImplementation(noRole.rolesAt);
    await run({ ...INPUT, at: '2026-07-25T02:00:00.000Z' });
    const later = await stored();
    ports.access.rolesAt.mockImplementation(() => Promise.resolve([READING_ROLE]));
    await expect(run({ ...INPUT, at: '2026-07-25T01:59:59.000Z' })).resolves.toMatchObject({
      checked: 0,
    });
    await expect(stored()).resolves.toEqual(later);
    expect(published).toHaveLength(1);
  });

  test('writes how the access of every binding stands, and tells nothing when all is well', async () => {
    const { run, published, stored } = setUp();
    await expect(run(INPUT)).resolves.toEqual({
      checked: 1,
      broken: 0,
      restored: 0,
      examples: [],
    });
    await expect(stored()).resolves.toEqual([
      { target: TARGET, verdict: 'clear', problems: [], checkedAt: NOW, since: NOW, told: [] },
    ]);
    expect(published).toEqual([]);
  });

  test('tells what broke, with its cure, in an event and in the history', async () => {
    const { run, published, history } = setUp({ access: noRole });
    const path = 'contoso-gw/certificates/gateway-client';
    await expect(run(INPUT)).resolves.toMatchObject({
      checked: 1,
      broken: 1,
      examples: [{ source: SOURCE, target: path, problem: { code: 'PERMISSION_MISSING' } }],
    });
    expect(published).toMatchObject([
      {
        type: 'Certkeeper.AccessBroken',
        subject: 'contoso-kv/gateway-client',
        time: NOW,
        data: {
          target: path,
          operation: 'sweep',
          verdict: 'blocks',
          problem: { code: 'PERMISSION_MISSING' },
        },
      },
    ]);
    await expect(history.list(SOURCE)).resolves.toMatchObject([
      { what: 'access', targets: [{ outcome: 'access-broken', problem: 'PERMISSION_MISSING' }] },
    ]);
  });

  test('tells it once, and then that it came right', async () => {
    const { run, ports, published } = setUp();
    ports.access.rolesAt.mockResolvedValueOnce([]);
    await run(INPUT);
    ports.access.rolesAt.mockResolvedValueOnce([]);
    await run({ ...INPUT, at: '2026-07-25T02:00:00.000Z' });
    await expect(run({ ...INPUT, at: '2026-07-25T03:00:00.000Z' })).resolves.toMatchObject({
      broken: 0,
      restored: 1,
    });
    expect(published.map(({ type }) => type)).toEqual([
      'Certkeeper.AccessBroken',
      'Certkeeper.AccessRestored',
    ]);
  });

  test('tells it again, under the same id, when it was cut off before it was written', async () => {
    const { run, ports, ledger, published } = setUp({ access: noRole });
    const save = jest
      .spyOn(ledger, 'saveAccess')
      .mockRejectedValueOnce(new TransientError(PROBLEM));
    await expect(run(INPUT)).rejects.toBeInstanceOf(TransientError);
    await run({ ...INPUT, at: '2026-07-25T01:09:00.000Z' });
    expect(save).toHaveBeenCalledTimes(2);
    expect(published).toHaveLength(2);
    expect(published[0]?.id).toBe(published[1]?.id);
    // What breaks once more is another event.
    ports.access.rolesAt.mockResolvedValueOnce([READING_ROLE]);
    await run({ ...INPUT, at: '2026-07-26T01:00:00.000Z' });
    await run({ ...INPUT, at: '2026-07-27T01:00:00.000Z' });
    expect(new Set(published.map(({ id }) => id)).size).toBe(3);
  });

  test('writes what it saw when the news cannot be told, and tells it at the next look', async () => {
    const { run, publish, published, history, stored } = setUp({ access: noRole });
    publish.mockRejectedValueOnce(new TerminalError(PROBLEM));
    await expect(run(INPUT)).resolves.toMatchObject({ broken: 1 });
    await expect(stored()).resolves.toMatchObject([{ verdict: 'blocks', told: [] }]);
    await expect(history.list(SOURCE)).resolves.toEqual([]);
    await run({ ...INPUT, at: '2026-07-25T02:00:00.000Z' });
    expect(published.map(({ type }) => type)).toEqual(['Certkeeper.AccessBroken']);
  });

  test('reads each fact once, however many bindings share it', async () => {
    const { run, ports } = setUp({
      bindings: [
        makeBinding(),
        makeBinding({ target: ANOTHER }),
        makeBinding({ source: OTHER_SOURCE, target: { ...TARGET, id: 'third' } }),
      ],
      installed: [
        [TARGET.id, makeInstalled()],
        [ANOTHER.id, makeInstalled()],
      ],
    });
    await expect(run(INPUT)).resolves.toMatchObject({ checked: 3 });
    expect(ports.access.service).toHaveBeenCalledTimes(1);
    expect(ports.access.vault).toHaveBeenCalledTimes(1);
    expect(ports.access.rolesAt).toHaveBeenCalledTimes(1);
    expect(ports.access.denialsAt).toHaveBeenCalledTimes(1);
    expect(ports.certificates.list).toHaveBeenCalledTimes(1);
    expect(ports.vaults.readCurrent).toHaveBeenCalledTimes(2);
  });

  test('looks at what comes from one vault only, when told so', async () => {
    const { run, stored } = setUp({
      bindings: [makeBinding(), makeBinding({ source: IN_ANOTHER_VAULT, target: LEGACY })],
    });
    await expect(run({ ...INPUT, vault: 'contoso-legacy-kv' })).resolves.toMatchObject({
      checked: 1,
    });
    await expect(stored(IN_ANOTHER_VAULT)).resolves.toHaveLength(1);
    await expect(stored()).resolves.toBeUndefined();
  });

  test('leaves out what is only asked for, and what is bound at another service', async () => {
    const { run } = setUp({
      bindings: [
        makeBinding(),
        makeBinding({ target: ANOTHER, claimed: false }),
        makeBinding({ target: { ...TARGET, service: 'contoso-eu-gw' } }),
      ],
    });
    await expect(run(INPUT)).resolves.toMatchObject({ checked: 1 });
  });

  test('as a dry run says what stands in the way, writes nothing and tells nobody', async () => {
    const { run, ledger, published, history } = setUp({ access: noRole });
    const answer = await run({ ...INPUT, dryRun: true });
    expect(answer).toMatchObject({ checked: 1, broken: 1 });
    expect(answer.examples).toMatchObject([{ problem: { code: 'PERMISSION_MISSING' } }]);
    expect(ledger.writes()).toBe(0);
    expect(published).toEqual([]);
    await expect(history.list(SOURCE)).resolves.toEqual([]);
  });

  test('leaves out what is an orphan: its source is gone, which is told already', async () => {
    const { run, ledger, published } = setUp({ access: noRole });
    const orphan = { target: TARGET, fate: 'soft-deleted', since: NOW, seenAt: NOW } as const;
    await ledger.saveOrphans(SOURCE, [{ ...orphan, told: true }]);
    await expect(run(INPUT)).resolves.toMatchObject({ checked: 0, broken: 0 });
    expect(published).toEqual([]);
    await ledger.saveOrphans(SOURCE, [{ ...orphan, told: true, backAt: NOW }]);
    await expect(run(INPUT)).resolves.toMatchObject({ checked: 1, broken: 1 });
  });

  test('leaves out what reads no vault: certificates of workspaces', async () => {
    const { run } = setUp({
      bindings: [
        makeBinding({
          target: {
            kind: 'workspace-certificate',
            service: TARGET.service,
            workspace: 'w',
            id: 'c',
          },
        }),
      ],
    });
    await expect(run(INPUT)).resolves.toMatchObject({ checked: 0 });
  });

  test('leaves it to the syncs whether a reference is pinned or points elsewhere', async () => {
    const secret = { source: SOURCE, collection: 'secrets', version: 'v1' } as const;
    const { run, stored } = setUp({
      bindings: [makeBinding(), makeBinding({ target: ANOTHER })],
      installed: [
        [TARGET.id, makeInstalled({ reference: { kind: 'key-vault', secret } })],
        [ANOTHER.id, makeInstalled({ reference: { kind: 'uploaded' } })],
      ],
    });
    await expect(run(INPUT)).resolves.toMatchObject({ checked: 2, broken: 0 });
    await expect(stored()).resolves.toMatchObject([{ verdict: 'clear' }, { verdict: 'clear' }]);
  });

  test('sees that a reference names an identity that the service has lost', async () => {
    const secret = { source: SOURCE, collection: 'secrets' } as const;
    const reference = { kind: 'key-vault', secret, identityClientId: 'gone' } as const;
    const { run } = setUp({ installed: [[TARGET.id.toUpperCase(), makeInstalled({ reference })]] });
    await expect(run(INPUT)).resolves.toMatchObject({
      broken: 1,
      examples: [{ problem: { code: 'IDENTITY_UNKNOWN' } }],
    });
  });

  test('says that it could not look, and blames nobody', async () => {
    const refuse = () =>
      Promise.reject(
        new TerminalError({ code: 'CERTKEEPER_PERMISSION_MISSING', message: 'may not look' }),
      );
    const { run, published, stored } = setUp({ access: { vault: refuse } });
    await expect(run(INPUT)).resolves.toMatchObject({ checked: 1, broken: 0 });
    await expect(stored()).resolves.toMatchObject([{ verdict: 'unknown' }]);
    expect(published).toEqual([]);
  });

  test('lets a vault that does not answer now hold up no other, and is run again for it', async () => {
    const world = makeAccessWorld();
    const { run, stored } = setUp({
      bindings: [makeBinding({ source: IN_ANOTHER_VAULT, target: LEGACY }), makeBinding()],
      access: {
        vault: (name) =>
          name === 'contoso-kv'
            ? world.access.vault(name)
            : Promise.reject(new TransientError(PROBLEM)),
      },
    });
    await expect(run(INPUT)).rejects.toBeInstanceOf(TransientError);
    await expect(stored()).resolves.toHaveLength(1);
    await expect(stored(IN_ANOTHER_VAULT)).resolves.toBeUndefined();
  });
});
