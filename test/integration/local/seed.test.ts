/** How the fleet of `npm start` comes into a simulated Azure, by the state that it finds there. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startAzure, type RunningAzure } from '../../../local/azure/index.ts';
import { azureTime } from '../../../local/seed/azure-time.ts';
import { makeAzureWire, type AzureWire } from '../../../local/seed/azure-wire.ts';
import { SUBSCRIPTION_ID } from '../../../local/seed/fleet.ts';
import { seedFleet } from '../../../local/seed/seed-fleet.ts';

const MONTH = 30 * 86_400;

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

/** Whether the simulated time is the present, and everything goes as it goes by default. */
async function isAsAlways(): Promise<boolean> {
  const settings = Object.values((await azure.control('GET', 'settings')) as object);
  const late = Date.now() - (await azureTime(azure)).getTime();
  return (
    Math.abs(late) < 60_000 &&
    settings.every((one) => Reflect.get(one, 'value') === Reflect.get(one, 'default'))
  );
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
