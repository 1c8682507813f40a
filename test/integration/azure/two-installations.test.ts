/** Two installations over one service of the simulated Azure: real clients, a ledger for each. */
import { makeServiceHold } from '../../../functions/activities/installations/hold-service.ts';
import { AzureClients } from '../../../shared/azure/azure-clients.ts';
import { makeInstallationLedger } from '../../../shared/azure/installations/installation-ledger.ts';
import {
  makeInstallationMarks,
  MARK_TAG,
} from '../../../shared/azure/installations/installation-marks.ts';
import type { InstallationMarks } from '../../../shared/domain/installation-ports.ts';
import {
  GROUP,
  startAzureUnderTest,
  SUBSCRIPTION,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';
import { tokenOf } from '../../support/azure/grant-world.ts';
import { makeIdentity } from '../../support/azure/vault.ts';
import { makeLocalAzureHttpClient } from '../../support/local-azure-http-client.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

let under: AzureUnderTest;
let service: string;
let count = 0;
beforeAll(async () => {
  under = await startAzureUnderTest();
  await under.ask('PUT', '/_local/settings', { 'apiManagement.operationSeconds': 0 });
});
afterAll(() => under.stop());
beforeEach(async () => {
  count += 1;
  service = `gw-${String(count)}`;
  const made = await under.ask('PUT', `${address()}?api-version=2024-05-01`, {
    location: 'West Europe',
    sku: { name: 'Developer', capacity: 1 },
    properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' },
  });
  expect(made.status).toBeLessThan(300);
});

const address = (): string => `${GROUP}/providers/Microsoft.ApiManagement/service/${service}`;
const tag = (): string => `${address()}/tags/${MARK_TAG}?api-version=2024-05-01`;
const assume = async (updateWithoutIfMatch: 'accept' | 'refuse'): Promise<void> => {
  await under.ask('PUT', '/_local/settings', {
    'assumptions.updateWithoutIfMatch': updateWithoutIfMatch,
  });
};

/** An installation; everything that it asks of the mark goes by `around`. */
function install(
  name: string | undefined,
  options: {
    readonly clientId?: string;
    readonly around?: (marks: InstallationMarks) => InstallationMarks;
    readonly table?: ReturnType<typeof makeMemoryTable>;
  } = {},
) {
  const {
    clientId,
    around = (same: InstallationMarks) => same,
    table = makeMemoryTable(),
  } = options;
  let asked = 0;
  let ahead = 0;
  const clients = new AzureClients({
    credential: {
      getToken: async (scopes) => ({
        token:
          clientId === undefined
            ? 'somebody-at-the-keyboard'
            : await tokenOf(under, clientId, [scopes].flat()[0] ?? ''),
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
    },
    httpClient: makeLocalAzureHttpClient(under.azure.url),
    vaultSuffix: 'vault.azure.net',
    managementUrl: 'https://management.azure.com',
    managementScope: 'https://management.azure.com/.default',
  });
  const id = address();
  const care = [{ id, subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-contoso', name: service }];
  const made = makeInstallationMarks(clients, care);
  const counted: InstallationMarks = {
    read: (...args) => {
      asked += 1;
      return made.read(...args);
    },
    write: (...args) => {
      asked += 1;
      return made.write(...args);
    },
  };
  const ledger = makeInstallationLedger(table, name);
  const hold = makeServiceHold({
    marks: around(counted),
    ledger,
    now: () => new Date(Date.now() + ahead * 1_000),
  });
  return {
    ...{ hold, ledger },
    later: (seconds: number) => {
      ahead += seconds;
    },
    /** How many calls it made since it was last asked. */
    calls: () => {
      const before = asked;
      asked = 0;
      return before;
    },
  };
}
const taken = (by: string) => ({
  problem: { code: 'SERVICE_TAKEN', message: expect.stringContaining(by) as string },
});

it('the first one marks the service before its first change, and then asks Azure no more', async () => {
  const first = install('first');
  await first.hold.require(service);
  expect((await under.ask('GET', tag())).body).toMatchObject({
    properties: { displayName: 'Certkeeper first' },
  });
  first.later(61);
  await first.hold.require(service);
  first.calls();
  await first.hold.require(service);
  expect(first.calls()).toBe(0);
  first.later(86_400);
  await first.hold.require(service);
  expect(first.calls()).toBe(1);
});

it('one that only looks leaves no mark, and is not in the way of another', async () => {
  const reading = install('reading');
  expect(await reading.hold.look(service)).toEqual({ kind: 'none' });
  expect((await under.ask('GET', tag())).status).toBe(404);
  await install('first').hold.require(service);
  expect(await reading.hold.look(service)).toMatchObject({ installation: 'first' });
});

it('the second one keeps its hands off, until it takes the service; then the first one does', async () => {
  const [first, second] = [install('first'), install('second')];
  await first.hold.require(service);
  await expect(second.hold.require(service)).rejects.toMatchObject(taken('first'));
  await expect(second.hold.require(service)).rejects.toMatchObject(taken('first'));
  await first.hold.require(service);

  expect(await second.hold.take(service)).toEqual({ installation: 'second', from: 'first' });
  expect(await second.hold.take(service)).toEqual({ installation: 'second' });
  await second.hold.require(service);
  // Its sweep looks; from then on it knows.
  expect(await first.hold.look(service)).toEqual({ kind: 'foreign', installation: 'second' });
  await expect(first.hold.require(service)).rejects.toMatchObject(taken('second'));
});

it('goes on by itself when the other one gave the service up', async () => {
  const [first, second] = [install('first'), install('second')];
  await first.hold.require(service);
  await expect(second.hold.require(service)).rejects.toMatchObject(taken('first'));
  await under.ask('DELETE', tag(), undefined, { 'if-match': '*' });
  await second.hold.require(service);
  expect(await second.hold.look(service)).toEqual({ kind: 'ours' });
});

describe.each(['refuse', 'accept'] as const)('where Azure would %s a second mark', (answers) => {
  beforeEach(() => assume(answers));
  afterEach(() => assume('refuse'));

  it('of two that found none and mark it at once, one keeps it', async () => {
    const first = install('first');
    const second = install('second', {
      // The first one is through with it between the second one's look and its mark.
      around: (marks) => ({
        ...marks,
        write: async (...args) => {
          await first.hold.require(service);
          await marks.write(...args);
        },
      }),
    });
    const secondOf = second.hold.require(service);
    if (answers === 'refuse') {
      await expect(secondOf).rejects.toMatchObject(taken('first'));
      await first.hold.require(service);
    } else {
      await secondOf;
      await expect(first.hold.require(service)).rejects.toMatchObject(taken('second'));
      await second.hold.require(service);
    }
  });

  it('two steps of one installation at once are no strangers to each other', async () => {
    const table = makeMemoryTable();
    const steps = Array.from({ length: 4 }, () => install(undefined, { table }));
    await Promise.all(steps.map(({ hold }) => hold.require(service)));
    for (const { hold } of steps) expect(await hold.look(service)).toEqual({ kind: 'ours' });
  });

  it('of two that take it at once, one is told', async () => {
    await install('first').hold.require(service);
    const third = install('third');
    const second = install('second', {
      around: (marks) => ({
        ...marks,
        write: async (...args) => {
          await third.hold.take(service);
          await marks.write(...args);
        },
      }),
    });
    await expect(second.hold.take(service)).rejects.toMatchObject({
      problem: { code: 'TARGET_CHANGED' },
    });
    expect(await third.hold.look(service)).toEqual({ kind: 'ours' });
  });
});

it('a role that lacks the right stops nothing, and is told', async () => {
  const { clientId } = await makeIdentity(under, `powerless-${String(count)}`);
  const installation = install('first', { clientId });
  await installation.hold.require(service);
  expect(await installation.hold.look(service)).toMatchObject({
    kind: 'unknown',
    problem: { code: 'CERTKEEPER_PERMISSION_MISSING' },
  });
  installation.calls();
  await installation.hold.require(service);
  expect(installation.calls()).toBe(0);
  await expect(installation.hold.take(service)).rejects.toMatchObject({
    problem: { code: 'CERTKEEPER_PERMISSION_MISSING' },
  });
});

it('a tag that somebody else named is that of somebody else', async () => {
  await under.ask('PUT', tag(), { properties: { displayName: 'payments' } });
  await expect(install('first').hold.require(service)).rejects.toMatchObject(taken('payments'));
});

it('an installation that is not named makes an id once', async () => {
  const table = makeMemoryTable();
  const { ledger } = install(undefined, { table });
  const ids = await Promise.all([ledger.own(), install(undefined, { table }).ledger.own()]);
  expect(new Set(ids).size).toBe(1);
  expect(await install('set', { table }).ledger.own()).toBe('set');
});
