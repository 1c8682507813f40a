/** How the fleet of `npm start` comes into a simulated Azure, by the state that it finds there. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startAzure, type RunningAzure } from '../../../local/azure/index.ts';
import { azureTime } from '../../../local/seed/azure-time.ts';
import { makeAzureWire, type AzureWire } from '../../../local/seed/azure-wire.ts';
import { makeHands } from '../../../local/seed/fabrikam/hands.ts';
import { issue } from '../../../local/seed/fabrikam/issue.ts';
import { goesOn, goOn } from '../../../local/seed/fabrikam/go-on.ts';
import { TROUBLES } from '../../../local/seed/fabrikam/troubles.ts';
import { SUBSCRIPTION_ID } from '../../../local/seed/fleet.ts';
import { seedFleet } from '../../../local/seed/seed-fleet.ts';

const MONTH = 30 * 86_400;

/** As the control address answers them. */
type Settings = Record<string, { readonly value: unknown; readonly default: unknown }>;

/** What Certkeeper keeps of Fabrikam, once it is all in order. */
const KEPT = TROUBLES.flatMap(({ since }) => since?.kept ?? []).map((name) => ({
  ...{ vault: 'fabrikam-kv', name },
  bindings: [{ target: name, status: 'verified', current: true, versionless: true }],
}));

let stateDir: string;
let running: RunningAzure;
let azure: AzureWire;
beforeEach(async () => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), 'seed-'));
  running = await startAzure({ port: 0, stateDir });
  azure = makeAzureWire(running.url);
});
afterEach(async () => {
  await running.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

/** Where the firewall of a vault also keeps Certkeeper out, as long as the vault is there. */
const FIREWALL = 'keyVault.firewallForCallers';

/** Whether the simulated time is the present, and everything goes as it goes by default. */
async function isAsAlways(): Promise<boolean> {
  const { [FIREWALL]: _, ...all } = (await azure.control('GET', 'settings')) as Settings;
  const settings = Object.values(all);
  const late = Date.now() - (await azureTime(azure)).getTime();
  return Math.abs(late) < 60_000 && settings.every((one) => one.value === one.default);
}

test('Fabrikam is made in a new world, which is then in the present', async () => {
  expect(await seedFleet(azure, 'whole')).toMatchObject({ fabrikam: true });
  expect(await isAsAlways()).toBe(true);
  const again = await seedFleet(azure, 'whole');
  expect(again).toMatchObject({ fabrikam: true });
  expect(again.vaultIds.filter((id) => id.endsWith('/fabrikam-sold-kv'))).toEqual([]);
});

test('a world with the small fleet stays as it is', async () => {
  await seedFleet(azure, 'small');
  expect(await seedFleet(azure, 'whole')).toMatchObject({ fabrikam: false });
  expect(await isAsAlways()).toBe(true);
});

test.each(['whole', 'small'] as const)(
  'a seeding that was cut off is left behind: %s',
  async (size) => {
    await azure.control('POST', 'clock/begin', { secondsAgo: MONTH });
    await azure.control('PUT', 'settings', { 'apiManagement.operationSeconds': 0 });
    await azure.control('PUT', `subscriptions/${SUBSCRIPTION_ID}`, {});
    expect(await seedFleet(azure, size)).toMatchObject({ fabrikam: false });
    expect(await isAsAlways()).toBe(true);
  },
);

test('a world in which something was made does not begin once more', async () => {
  await azure.control('PUT', `subscriptions/${SUBSCRIPTION_ID}`, {});
  await expect(azure.control('POST', 'clock/begin', { secondsAgo: MONTH })).rejects.toThrow(
    'Time never goes back',
  );
});

test('what goes wrong at Fabrikam once it is kept happens once, and is looked at', async () => {
  await seedFleet(azure, 'whole');
  expect(await goesOn(azure)).toBe(true);
  // What Certkeeper would have put there.
  const { pfx } = await issue('drill', await azureTime(azure));
  await makeHands(azure, new Date()).put('fabrikam-gw', 'workspaces/team-c/certificates/drill', {
    ...{ data: pfx, password: '' },
  });
  const rows: object[] = [];
  const synced: string[] = [];
  await goOn({
    azure,
    app: {
      certificates: () => Promise.resolve(KEPT),
      operation: (id) => Promise.resolve({ id, state: 'succeeded', step: 'Done' }),
      sync: (_, name) => Promise.resolve(`sync-${String(synced.push(name))}`),
    },
    addRow: (row) => Promise.resolve(void rows.push(row)),
  });
  expect(await goesOn(azure)).toBe(false);
  expect(rows).toHaveLength(1);
  expect(synced.sort()).toEqual(KEPT.map(({ name }) => name).sort());
  const versions = 'fabrikam-kv.vault.azure.net/certificates/canteen/versions?api-version=7.5';
  const { body } = await azure.ask('GET', versions);
  expect(body).toMatchObject({ value: [{}, {}] });
});
