import { makeWire } from '../../support/system/azure-wire.ts';
import { makeRoots, setUpdateSeconds, watchCaService } from '../../support/system/ca-service.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  stateFolder,
} from '../../support/system/running-system.ts';

jest.setTimeout(300_000);

let openssl: Openssl;
beforeAll(() => {
  openssl = openOpenssl();
});
afterAll(async () => {
  openssl.close();
  await cleanUpSystems();
});

it('in mid-update it is followed up: no update is sent twice, and all nine are there', async () => {
  const stateDir = stateFolder();
  const roots = makeRoots(openssl, 9);
  const first = await startTestSystem({ stateDir });
  const before = makeWire(first);
  const service = watchCaService(first, before);
  await setUpdateSeconds(before, first, 12);
  await before.forgetRequests();
  await Promise.all(roots.slice(0, 5).map(({ der }) => service.add(der)));
  await eventually(service.updates, (updates) => updates > 0);
  // These wait for the next update when the power goes.
  await Promise.all(roots.slice(5).map(({ der }) => service.add(der)));
  const sent = await service.updates();
  await first.killHard();

  const second = await startTestSystem({ stateDir });
  const after = makeWire(second);
  const again = watchCaService(second, after);
  expect(await again.settled(280_000)).toMatchObject({ state: 'succeeded' });
  expect(await again.entries()).toEqual(roots.map(({ key }) => key).sort());
  expect(sent + (await again.updates())).toBeLessThanOrEqual(2);
});
