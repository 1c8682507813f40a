/** The same request with the same Idempotency-Key, through the whole system. */
import { makePfx } from '../../support/system/openssl.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { cleanUpSystems } from '../../support/system/running-system.ts';
import { ask, settle, uploadForm } from '../../support/system/upload.ts';

let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

/** How many versions of a certificate the vault has. */
async function versionsOf(name: string): Promise<number> {
  const url = app.wire.vault('contoso-kv', `/certificates/${name}/versions`);
  return ((await app.wire.send(url)).body as { value: unknown[] }).value.length;
}
const rollBack = (name: string, key: string) =>
  ask(app.system, `/certificates/contoso-kv/${name}/rollback`, {
    method: 'POST',
    headers: { 'idempotency-key': key },
  });

describe('an upload with an Idempotency-Key', () => {
  test('that is sent again is answered as the first time; another one is refused', async () => {
    const { value, password } = makePfx('keyed.contoso.com');
    const file = Buffer.from(value, 'base64');
    const fields = { vault: 'contoso-kv', name: 'keyed', password };
    const upload = (more: Record<string, string> = {}) =>
      uploadForm(
        app.system,
        '/certificates',
        file,
        { ...fields, ...more },
        {
          headers: { 'idempotency-key': 'upload-1' },
        },
      );
    const first = await upload();
    await settle(app, first);
    const again = await upload();
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await upload({ name: 'keyed-2' })).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(await versionsOf('keyed')).toBe(1);
  });
});

describe('a roll-back with an Idempotency-Key', () => {
  test('goes back once, however often it is sent', async () => {
    for (const subject of ['one.contoso.com', 'two.contoso.com']) {
      await app.wire.importVersion('contoso-kv', 'back-and-forth', makePfx(subject));
      // Of two versions of one second nobody can say which is the newer one.
      await app.wire.send(`${app.system.azureUrl}/_local/clock`, 'POST', { advance: 2 });
    }
    const answers = await Promise.all(
      ['go', 'go', 'go', 'go'].map((key) => rollBack('back-and-forth', key)),
    );
    const done = answers.filter(({ status }) => status === 202);
    expect(done.length).toBeGreaterThan(0);
    for (const { status } of answers) expect([202, 409]).toContain(status);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    expect((await rollBack('back-and-forth', 'go')).text).toBe(done[0]?.text);
    expect(await versionsOf('back-and-forth')).toBe(3);
  });
});
