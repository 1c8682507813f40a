/** The power goes while an application's keys are changed: nobody's key is lost, and it is finished. */
import { makeClientCertificate, toKeyCredential } from '../../support/azure/graph-world.ts';
import {
  startAppUnderTest,
  watchApp,
  type AppUnderTest,
} from '../../support/system/app-under-test.ts';
import { findAutomation } from '../../support/system/automation.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  stateFolder,
} from '../../support/system/running-system.ts';
import { ask } from '../../support/system/upload.ts';

jest.setTimeout(240_000);
afterAll(cleanUpSystems);

const KV = 'contoso-kv';

/** Waits until a request of this kind has come to Azure. */
const asked = (app: AppUnderTest, method: string, host: string, path: RegExp) =>
  eventually(
    () => app.wire.requests(),
    (all) => all.some((one) => one.method === method && one.host === host && path.test(one.path)),
  );

test('a power cut right after the collection was replaced costs nobody a key', async () => {
  const stateDir = stateFolder();
  const before = await startAppUnderTest({ stateDir });
  const automation = await findAutomation(before);
  const foreign = await makeClientCertificate('CN=foreign');
  await automation.setKeys([toKeyCredential(foreign, { displayName: 'CN=foreign' })]);
  await before.wire.forgetRequests();
  const made = await makeClientCertificate('CN=cut-bot');
  await before.wire.importVersion(
    KV,
    'cut-bot',
    { value: made.pfx, password: '' },
    { tags: { 'certkeeper-targets': automation.target } },
  );
  await asked(before, 'PATCH', 'graph.microsoft.com', /applications/);
  await before.system.killHard();

  const after = watchApp(await startTestSystem({ stateDir }));
  await eventually(
    () => after.binding(KV, 'cut-bot', automation.target),
    (one) => one?.status === 'verified' && one.thumbprint === made.thumbprint,
    120_000,
  );
  const again = await findAutomation(after);
  expect(await again.signsIn(foreign.pem)).toBe(true);
  expect(await again.signsIn(made.pem)).toBe(true);
  expect(await again.keys()).toHaveLength(2);
});

test('a power cut between registering a new key and importing it leaves the old one good, and goes by itself', async () => {
  const stateDir = stateFolder();
  const signIn = { roles: ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] };
  const before = await startAppUnderTest({ stateDir, signIn });
  const automation = await findAutomation(before);
  const made = await makeClientCertificate('CN=renewed-bot');
  await before.wire.importVersion(
    KV,
    'renewed-bot',
    { value: made.pfx, password: '' },
    { tags: { 'certkeeper-targets': automation.target } },
  );
  await eventually(
    () => before.binding(KV, 'renewed-bot', automation.target),
    (one) => one?.status === 'verified',
  );
  await before.wire.fault({
    match: { method: 'POST', path: '/certificates/renewed-bot/import' },
    delayMs: 60_000,
  });
  await before.wire.forgetRequests();
  void ask(before.system, `/certificates/${KV}/renewed-bot/renew-key`, {
    method: 'POST',
    headers: before.system.headers,
  }).catch(() => undefined);
  const goByThemselves = async ({ wire }: AppUnderTest) => {
    const { body } = await wire.api('/management-certificates');
    return (body as { keys: { removeAfter?: string }[] }).keys.filter(
      ({ removeAfter }) => removeAfter !== undefined,
    );
  };
  // The new key is there, and it is written down what becomes of it if nothing more happens.
  await eventually(
    () => goByThemselves(before),
    (keys) => keys.length === 1,
  );
  await before.system.killHard();

  const after = watchApp(await startTestSystem({ stateDir, signIn }));
  const again = await findAutomation(after);
  expect(await again.signsIn(made.pem)).toBe(true);
  expect(await again.keys()).toHaveLength(2);
  expect(await goByThemselves(after)).toHaveLength(1);
  // Whoever asks again gets another one, and the vault has it; at the latest when the turn of the
  // call that died is over.
  await eventually(
    () =>
      ask(after.system, `/certificates/${KV}/renewed-bot/renew-key`, {
        method: 'POST',
        headers: after.system.headers,
      }),
    ({ status }) => status === 202,
    90_000,
  );
  await eventually(
    () => after.binding(KV, 'renewed-bot', automation.target),
    (one) => one?.status === 'verified' && one.thumbprint !== made.thumbprint,
    120_000,
  );
  expect(await again.keys()).toHaveLength(3);
});
