/** The power goes while somebody uploads: asking again does the rest, and nothing twice. */
import { makeWire, type Wire } from '../../support/system/azure-wire.ts';
import type { Operation } from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  stateFolder,
} from '../../support/system/running-system.ts';
import { findTraces, tracesOfKey, tracesOfPassword } from '../../support/system/traces.ts';
import { uploadForm } from '../../support/system/upload.ts';

jest.setTimeout(180_000);
afterAll(cleanUpSystems);

const versions = async (wire: Wire): Promise<number> => {
  const path = wire.vault('contoso-kv', '/certificates/cut/versions');
  const { status, body } = await wire.send(path);
  return status === 200 ? (body as { value: unknown[] }).value.length : 0;
};

test('a power cut right after the import costs nothing but asking again', async () => {
  const stateDir = stateFolder();
  const pfx = makePfx('cut.contoso.com', 'marker-of-a-password');
  const file = Buffer.from(pfx.value, 'base64');
  const fields = {
    vault: 'contoso-kv',
    name: 'cut',
    password: pfx.password,
    targets: 'contoso-gw, contoso-gw/workspaces/team-a',
  };
  const first = await startTestSystem({ stateDir });
  const answered = uploadForm(first, '/certificates', file, fields).catch(() => undefined);
  await eventually(
    () => versions(makeWire(first)),
    (count) => count === 1,
  );
  await first.killHard();
  await answered;

  const second = await startTestSystem({ stateDir });
  const again = await uploadForm(second, '/certificates', file, fields);
  expect(again).toMatchObject({ status: 202, body: { imported: false } });
  const wire = makeWire(second);
  const operation = await eventually(
    async () =>
      (await wire.api((again.headers.get('location') ?? '').replace('/api', ''))).body as Operation,
    ({ state }) => state !== 'running' && state !== 'pending',
  );
  expect(operation).toMatchObject({ state: 'succeeded' });
  expect(operation.targets).toHaveLength(2);
  expect((await wire.apimCertificate('contoso-gw', 'cut'))?.properties.thumbprint).toBe(
    pfx.thumbprint,
  );
  expect(await versions(wire)).toBe(1);
  const traces = [...tracesOfPassword(pfx.password), ...tracesOfKey(pfx.privateKey)];
  expect(findTraces(stateDir, traces)).toEqual([]);
});
