/** Public keys that people upload for automation, on a running system. */
import { makeClientCertificate, toKeyCredential } from '../../support/azure/graph-world.ts';
import type { TestCertificate } from '../../support/azure/make-pfx.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { findAutomation, type Automation } from '../../support/system/automation.ts';
import { cleanUpSystems } from '../../support/system/running-system.ts';
import { findTraces, tracesOfKey } from '../../support/system/traces.ts';
import { ask, uploadForm } from '../../support/system/upload.ts';

jest.setTimeout(180_000);

let app: AppUnderTest;
let automation: Automation;
let foreign: TestCertificate;
beforeAll(async () => {
  app = await startAppUnderTest();
  automation = await findAutomation(app);
  foreign = await makeClientCertificate('CN=foreign');
  await automation.setKeys([toKeyCredential(foreign, { displayName: 'CN=foreign' })]);
});
afterAll(cleanUpSystems);

const post = (file: Uint8Array, fields: Record<string, string> = {}) =>
  uploadForm(app.system, '/management-certificates', file, {
    name: 'deploy-bot',
    targets: automation.target,
    ...fields,
  });
const remove = (name = 'deploy-bot', query = '') =>
  ask(app.system, `/management-certificates/${name}${query}`, { method: 'DELETE' });
const list = async () => (await app.wire.api('/management-certificates')).body;

describe('a management certificate', () => {
  it('is registered with its public key, seen there, and lets its holder sign in at once', async () => {
    const one = await makeClientCertificate('CN=deploy');
    expect(await automation.signsIn(one.pem)).toBe(false);
    const answered = await post(one.der);
    expect(answered).toMatchObject({
      status: 200,
      body: {
        source: { vault: 'none', name: 'deploy-bot' },
        targets: [{ target: automation.target, outcome: 'attached', thumbprint: one.thumbprint }],
        understood: { subject: 'CN=deploy', keyType: 'RSA' },
        warnings: [{ code: 'NOT_ROTATING' }],
      },
    });
    expect(await automation.signsIn(one.pem)).toBe(true);
    expect(await automation.signsIn(foreign.pem)).toBe(true);
    expect(await post(one.der)).toMatchObject({ body: { targets: [{ outcome: 'current' }] } });
    expect(await automation.keys()).toHaveLength(2);
  });

  it('is listed among the keys of others, with whose it is', async () => {
    expect(await list()).toMatchObject({
      keys: [
        { target: automation.target, name: 'CN=foreign', thumbprint: foreign.thumbprint },
        { name: 'certkeeper:none/deploy-bot', source: 'none/deploy-bot' },
      ],
      problems: [],
    });
  });

  it('has a successor of the same name beside it for the overlap, and both sign in', async () => {
    const next = await makeClientCertificate('CN=deploy-2');
    expect(await post(next.der)).toMatchObject({ body: { targets: [{ outcome: 'attached' }] } });
    expect(await automation.keys()).toHaveLength(3);
    expect(await automation.signsIn(next.pem)).toBe(true);
    expect(await list()).toMatchObject({
      keys: [{}, { removeAfter: expect.stringMatching(/^20/) as string }, {}],
    });
  });

  it('is removed with what was registered under its name, and nothing else', async () => {
    const before = await automation.keys();
    expect(await remove()).toMatchObject({
      status: 200,
      body: { targets: [{ target: automation.target, removed: [{}, {}] }] },
    });
    expect(await automation.keys()).toEqual([before[0]]);
    for (const where of ['', `?targets=${automation.target}`]) {
      expect(await remove('deploy-bot', where)).toMatchObject({
        status: 404,
        body: { code: 'BINDING_NOT_FOUND' },
      });
    }
  });

  it('may come as JSON', async () => {
    const one = await makeClientCertificate('CN=json');
    const answered = await ask(app.system, '/management-certificates', {
      method: 'POST',
      headers: { ...app.system.headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'json-bot',
        file: one.der.toString('base64'),
        targets: [automation.target],
      }),
    });
    expect(answered).toMatchObject({ status: 200 });
    await remove('json-bot');
  });
});

describe('what is refused of management certificates', () => {
  it('is a file with a private key, of which nothing is kept or sent on', async () => {
    const one = await makeClientCertificate('CN=careless');
    for (const file of [Buffer.from(one.pem), Buffer.from(one.pfx, 'base64')]) {
      expect(await post(file)).toMatchObject({
        status: 422,
        body: { code: 'PRIVATE_KEY_PRESENT' },
      });
    }
    const key = one.pem
      .replaceAll(/-----BEGIN CERTIFICATE[^]*/g, '')
      .replaceAll(/-----[^-]+-----|\s/g, '');
    expect(findTraces(app.system.stateDir, tracesOfKey(key))).toEqual([]);
    expect(await automation.keys()).toHaveLength(1);
  });

  it.each([
    [
      'an application not under care',
      'entra/applications/0a5e0000-0000-4000-8000-00000000dead',
      404,
      'APPLICATION_NOT_CONFIGURED',
    ],
    [
      'the classic service, which is off',
      'classic/subscriptions/5eed0000-0000-4000-8000-000000000001',
      409,
      'TARGET_RETIRED',
    ],
    ['a place that takes no public keys', 'contoso-gw', 422, 'TARGET_UNSUPPORTED'],
  ])('is %s', async (_, targets, status, code) => {
    const one = await makeClientCertificate();
    expect(await post(one.der, { targets })).toMatchObject({ status, body: { code } });
  });

  it('is a name that CERTKEEPER_ALLOW does not allow there', async () => {
    const one = await makeClientCertificate();
    expect(await post(one.der, { name: 'somebody' })).toMatchObject({
      status: 403,
      body: { code: 'BINDING_NOT_ALLOWED' },
    });
  });

  it('is a form without name and targets, each field named', async () => {
    const one = await makeClientCertificate();
    expect(await post(one.der, { name: '', targets: '' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'name' }, { field: 'targets' }] },
    });
  });
});
