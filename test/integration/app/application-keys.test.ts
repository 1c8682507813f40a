/** A certificate of the vault as an application's key: rotated while automation signs in with it. */
import { makeClientCertificate, toKeyCredential } from '../../support/azure/graph-world.ts';
import type { TestCertificate } from '../../support/azure/make-pfx.ts';
import {
  startAppUnderTest,
  type AppUnderTest,
  type Operation,
} from '../../support/system/app-under-test.ts';
import { findAutomation, type Automation } from '../../support/system/automation.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';
import { findTraces, tracesOfKey } from '../../support/system/traces.ts';
import { ask, settle } from '../../support/system/upload.ts';

jest.setTimeout(240_000);

const ROLES = ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'];
const KV = 'contoso-kv';
const NAME = 'deploy-bot';

let app: AppUnderTest;
let automation: Automation;
let foreign: TestCertificate;
beforeAll(async () => {
  app = await startAppUnderTest({ signIn: { roles: ROLES } });
  automation = await findAutomation(app);
  foreign = await makeClientCertificate('CN=foreign');
  await automation.setKeys([toKeyCredential(foreign, { displayName: 'CN=foreign' })]);
});
afterAll(cleanUpSystems);
afterEach(async () => {
  expect(await automation.signsIn(foreign.pem)).toBe(true);
});

/** The next version of a certificate, made by somebody else, as the vault takes it. */
async function importNext(
  name = NAME,
  more: Record<string, unknown> = {},
): Promise<TestCertificate> {
  const made = await makeClientCertificate(`CN=${name}`);
  await app.wire.importVersion(KV, name, { value: made.pfx, password: '' }, more);
  return made;
}
const tagged = () => ({ tags: { 'certkeeper-targets': automation.target } });
const verified = (one: TestCertificate, name = NAME) =>
  eventually(
    () => app.binding(KV, name, automation.target),
    (binding) => binding?.status === 'verified' && binding.thumbprint === one.thumbprint,
  );

/** Signs in over and over until it is told to stop; answers how often it was refused. */
function keepSigningIn(one: TestCertificate): () => Promise<{ tried: number; refused: number }> {
  const stop = new AbortController();
  const counts = { tried: 0, refused: 0 };
  const run = (async () => {
    while (!stop.signal.aborted) {
      counts.tried += 1;
      if (!(await automation.signsIn(one.pem))) counts.refused += 1;
    }
  })();
  return async () => {
    stop.abort();
    await run;
    return counts;
  };
}

describe('a certificate that a tag asks to have at an application', () => {
  it('is registered with its public key, and rotates while the old key goes on signing in', async () => {
    const first = await importNext(NAME, tagged());
    await verified(first);
    expect(await automation.signsIn(first.pem)).toBe(true);

    const stop = keepSigningIn(first);
    // A new version has no tags: the ledger holds.
    const second = await importNext();
    await verified(second);
    expect(await automation.signsIn(second.pem)).toBe(true);
    const { tried, refused } = await stop();
    expect(tried).toBeGreaterThan(0);
    expect(refused).toBe(0);
    expect(await automation.keys()).toHaveLength(3);
  });

  it('says how long nobody could sign in with the new version', async () => {
    const next = await importNext();
    const operation = await app.sync(KV, NAME);
    expect(operation).toMatchObject({
      state: 'succeeded',
      targets: [{ target: automation.target, thumbprint: next.thumbprint }],
    });
    const [target] = operation.targets as readonly { readonly gapSeconds?: number }[];
    expect(target?.gapSeconds).toBeGreaterThanOrEqual(0);
    process.stderr.write(`gap: ${String(target?.gapSeconds)} s\n`);
    expect(await automation.signsIn(next.pem)).toBe(true);
  });

  it('is synced once more for nothing: no request changes anything', async () => {
    await app.wire.forgetRequests();
    expect(await app.sync(KV, NAME)).toMatchObject({ targets: [{ outcome: 'current' }] });
    const graph = (await app.wire.requests()).filter(({ host }) => host === 'graph.microsoft.com');
    expect(graph.map(({ method }) => method)).toEqual(['GET']);
  });

  it('answers whether one can sign in with it', async () => {
    const path = `/certificates/${KV}/${NAME}/access?target=${automation.target}`;
    const { body } = await app.wire.api(path);
    expect(body).toMatchObject({ verdict: 'clear' });
    expect((body as { checks: unknown[] }).checks).toContainEqual(
      expect.objectContaining({ check: 'sign-in', severity: 'passed' }),
    );
  });

  it('is renewed without a gap, and its private key is nowhere but in the vault', async () => {
    const answered = await ask(app.system, `/certificates/${KV}/${NAME}/renew-key`, {
      method: 'POST',
      headers: app.system.headers,
    });
    expect(answered).toMatchObject({
      status: 202,
      body: { registered: [{ target: automation.target, signIn: 'accepted' }] },
    });
    const operation = (await settle(app, answered)) as Operation & {
      targets: readonly { gapSeconds?: number }[];
    };
    expect(operation).toMatchObject({
      state: 'succeeded',
      targets: [{ target: automation.target, gapSeconds: 0 }],
    });
    const pem = await readPem(NAME);
    expect(await automation.signsIn(pem)).toBe(true);
    const key = pem
      .replaceAll(/-----BEGIN CERTIFICATE[^]*/g, '')
      .replaceAll(/-----[^-]+-----|\s/g, '');
    expect(findTraces(app.system.stateDir, tracesOfKey(key))).toEqual([]);
  });

  it('is taken away when it is detached, and nothing else is', async () => {
    await importNext(NAME, { tags: {} });
    await app.sync(KV, NAME);
    const answered = await ask(
      app.system,
      `/certificates/${KV}/${NAME}?targets=${automation.target}`,
      { method: 'DELETE', headers: app.system.headers },
    );
    expect(await settle(app, answered)).toMatchObject({ targets: [{ outcome: 'removed' }] });
    expect(await automation.keys()).toHaveLength(1);
    expect(await app.binding(KV, NAME, automation.target)).toBeUndefined();
  });
});

describe('two certificates at one application', () => {
  it('rotate at the same moment, and neither loses the other', async () => {
    const names = ['one-bot', 'two-bot'];
    for (const name of names) await importNext(name, tagged());
    await Promise.all(names.map((name) => app.sync(KV, name)));
    const next = await Promise.all(names.map((name) => importNext(name)));
    for (const [at, name] of names.entries()) {
      const one = next[at];
      if (one === undefined) throw new Error('no version');
      await verified(one, name);
      expect(await automation.signsIn(one.pem)).toBe(true);
    }
    // Two of each, and the one of somebody else.
    expect(await automation.keys()).toHaveLength(5);
  });
});

describe('a key that is not there any more', () => {
  it('comes back when somebody has taken its key away', async () => {
    const made = await importNext('gone-bot', tagged());
    await verified(made, 'gone-bot');
    const keys = await automation.keys();
    await automation.setKeys(keys.filter(({ key }) => key !== made.der.toString('base64')));
    expect(await automation.signsIn(made.pem)).toBe(false);
    // For a minute after a change a look that shows less counts as an old one.
    await eventually(
      async () => {
        await app.sweep();
        return await automation.signsIn(made.pem);
      },
      (isBack) => isBack,
      150_000,
      5_000,
    );
    expect(await automation.keys()).toHaveLength(keys.length);
  });
});

describe('what stands in the way of an application', () => {
  it('is said: no rule allows the pair', async () => {
    await importNext('somebody', tagged());
    expect(await app.sync(KV, 'somebody')).toMatchObject({
      state: 'blocked',
      problem: { code: 'BINDING_NOT_ALLOWED' },
    });
  });

  it('is said: the key is elliptic', async () => {
    const { makeTestCertificate } = await import('../../support/azure/make-pfx.ts');
    const made = await makeTestCertificate('CN=ec-bot');
    await app.wire.importVersion(KV, 'ec-bot', { value: made.pfx, password: '' }, tagged());
    expect(await app.sync(KV, 'ec-bot')).toMatchObject({
      state: 'blocked',
      problem: { code: 'KEY_TYPE_UNSUPPORTED' },
    });
  });

  it('is said: the application is not under care', async () => {
    const tags = {
      'certkeeper-targets': 'entra/applications/0a5e0000-0000-4000-8000-00000000dead',
    };
    await importNext('lost-bot', { tags });
    expect(await app.sync(KV, 'lost-bot')).toMatchObject({
      state: 'blocked',
      problem: { code: 'APPLICATION_NOT_CONFIGURED' },
    });
  });
});

/** What the vault hands out of the current version, as whoever may read its secret gets it. */
async function readPem(name: string): Promise<string> {
  const { body } = await app.wire.send(app.wire.vault(KV, `/secrets/${name}`));
  const pfx = Buffer.from((body as { value: string }).value, 'base64');
  const { openOwnPfx } = await import('../../../shared/certificates/open-own-pfx.ts');
  const { key, certificate } = await openOwnPfx(pfx);
  return `${key.export({ type: 'pkcs8', format: 'pem' }).toString()}${certificate.toString()}`;
}
