import { registerGivenKey } from '../../../functions/activities/keys/register-key.ts';
import { renewKey, type RenewKeyPorts } from '../../../functions/triggers/management/renew-key.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { SignInTried } from '../../../shared/domain/key-ports.ts';
import { makeBinding, makeLooks, SOURCE } from '../../support/domain-samples.ts';
import { APPLICATION, makeEntry, makeKey, makeKeyWorld } from '../../support/key-world.ts';
import { refusalOf } from '../../support/refusal.ts';
import { makeUploadWorld } from '../../support/upload-world.ts';

const MANAGER = { by: { kind: 'function-key' }, mayManage: true } as const;
const CLOUD = { applications: new Set([APPLICATION.appId]), classicSubscriptions: undefined };
const KEY = makeKey('renewed');

/** A vault with one version and an application that has its key. */
function makeWorld(
  signIns: readonly SignInTried[] = [{ kind: 'accepted' }],
  other: Partial<RenewKeyPorts> = {},
) {
  const keys = makeKeyWorld([makeEntry('foreign'), makeEntry('first')]);
  const upload = makeUploadWorld({
    versions: [{ thumbprint: makeKey('first').thumbprint, tags: { team: 'a' } }],
    bindings: [makeBinding({ target: APPLICATION, pushed: makeKey('first') })],
  });
  const tried = [...signIns];
  const order: string[] = upload.did;
  const wiped: Uint8Array[] = [];
  const ports: RenewKeyPorts = {
    ...upload.ports,
    care: CLOUD,
    register: async (source, target, key, temporary) => {
      const registering = { change: keys.change, now: keys.ports.now, overlapSeconds: 7 * 86_400 };
      const registered = await registerGivenKey(registering, source, target, key, temporary);
      order.push('register');
      return registered;
    },
    certificates: {
      readPublic: async () => ({
        ...makeKey('first'),
        ...{ version: 'v1', createdAt: '', looks: makeLooks(), tags: { team: 'a' } },
      }),
    },
    renew: async () => ({
      ...KEY,
      looks: makeLooks({ thumbprint: KEY.thumbprint }),
      toPfx: () => {
        const pfx = Buffer.from(KEY.thumbprint);
        wiped.push(pfx);
        return pfx;
      },
    }),
    signIn: async () => {
      order.push('sign in');
      return tried.shift() ?? { kind: 'unknown-key', message: 'not yet' };
    },
    pause: keys.ports.pause,
    now: keys.ports.now,
    ...other,
  };
  return {
    ...{ keys, upload, ports, order, wiped },
    renew: () => renewKey(ports, { source: SOURCE, asker: MANAGER }, upload.next),
    own: async () => (await keys.own.read(APPLICATION)).own,
  };
}

test('A new key is registered and signed in with before the vault has it', async () => {
  const world = makeWorld();
  await expect(world.renew()).resolves.toMatchObject({
    version: 'v2',
    registered: [{ target: `entra/applications/${APPLICATION.appId}`, signIn: 'accepted' }],
  });
  expect(world.order).toEqual(['register', 'sign in', `import ${KEY.thumbprint}`, 'sync']);
  expect(world.upload.versions.at(-1)).toMatchObject({ tags: { team: 'a' } });
  expect(world.keys.entries()).toHaveLength(3);
  // Every copy of the private key is wiped.
  expect(world.wiped.every((pfx) => pfx.every((byte) => byte === 0))).toBe(true);
});

test('A key that Entra does not know at once is waited for', async () => {
  const world = makeWorld([
    { kind: 'unknown-key', message: 'not yet' },
    { kind: 'unknown-key', message: 'not yet' },
    { kind: 'accepted' },
  ]);
  await expect(world.renew()).resolves.toMatchObject({ registered: [{ signIn: 'accepted' }] });
});

test('A key that Entra never takes is not imported, and goes by itself', async () => {
  const world = makeWorld([]);
  await expect(refusalOf(world.renew())).resolves.toBe('KEY_NOT_ACCEPTED');
  expect(world.order).not.toContain(`import ${KEY.thumbprint}`);
  expect(await world.own()).toMatchObject([{ removeAfter: expect.any(String) as string }]);
});

test('A refusal that says nothing of the key is told, and stops nothing', async () => {
  const refused = { kind: 'refused', code: 'invalid_client', message: 'no principal' } as const;
  await expect(makeWorld([refused]).renew()).resolves.toMatchObject({
    registered: [{ signIn: 'refused' }],
  });
});

test('What is cut off before the import leaves a public key that has an end', async () => {
  const world = makeWorld();
  const cut = { ...world.ports.writer, import: async () => Promise.reject(new Error('power cut')) };
  await expect(
    renewKey(
      { ...world.ports, writer: cut },
      { source: SOURCE, asker: MANAGER },
      world.upload.next,
    ),
  ).rejects.toThrow('power cut');
  const [key] = await world.own();
  expect(Date.parse(key?.removeAfter ?? '') - world.keys.ports.now().getTime()).toBeLessThanOrEqual(
    86_400_000,
  );
  expect(world.wiped.every((pfx) => pfx.every((byte) => byte === 0))).toBe(true);
});

test('What fails after the import says where things stand', async () => {
  const world = makeWorld();
  const error: unknown = await renewKey(
    world.ports,
    { source: SOURCE, asker: MANAGER },
    { ...world.upload.next, start: () => Promise.reject(new Error('no host')) },
  ).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({ problem: { code: 'UPLOAD_UNFINISHED' } });
});

test('A renewal takes no key away: the vault may have the one whose end is written down', async () => {
  const world = makeWorld();
  const soon = new Date(world.keys.ports.now().getTime() + 3_600_000).toISOString();
  // As a first renewal leaves it, whose sync failed after the import.
  world.keys.put([]);
  await world.ports.register(SOURCE, APPLICATION, makeKey('first'), soon);
  world.keys.pass(2 * 3_600_000);
  const cut = { ...world.ports.writer, import: async () => Promise.reject(new Error('power cut')) };
  await expect(
    renewKey(
      { ...world.ports, writer: cut },
      { source: SOURCE, asker: MANAGER },
      world.upload.next,
    ),
  ).rejects.toThrow('power cut');
  expect(world.keys.entries().map(({ thumbprint }) => thumbprint)).toContain(
    makeKey('first').thumbprint,
  );
});

test('A key that stays in its vault is not renewed outside of it', async () => {
  const { certificates } = makeWorld().ports;
  const stays = async () => ({
    ...(await certificates.readPublic(SOURCE)),
    notExportable: true as const,
  });
  const world = makeWorld([], { certificates: { readPublic: stays } });
  await expect(refusalOf(world.renew())).resolves.toBe('CERTIFICATE_NOT_EXPORTABLE');
  expect(world.order).toEqual([]);
});

test.each([
  ['nobody but a manager', { asker: { by: MANAGER.by, mayManage: false } }, 'NEEDS_IDENTITIES'],
  [
    'nothing that is registered nowhere',
    { source: { vault: 'contoso-kv', name: 'x' } },
    'BINDING_NOT_FOUND',
  ],
])('It is for %s', async (_, other, code) => {
  const world = makeWorld();
  const asked = { source: SOURCE, asker: MANAGER, ...other };
  await expect(refusalOf(renewKey(world.ports, asked, world.upload.next))).resolves.toBe(code);
  expect(world.order).toEqual([]);
});
