import { makeCheckKey } from '../../../functions/activities/keys/check-key.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { makeLooks, SOURCE } from '../../support/domain-samples.ts';
import { OPEN_VAULT } from '../../support/access-world.ts';
import { APPLICATION, makeKey, makeKeyWorld } from '../../support/key-world.ts';
import { registerKey } from '../../../functions/activities/keys/register-key.ts';

const KEY = makeKey('first');

/** What became of the sign-in, and with what it was tried. */
async function check(exportable: boolean) {
  const world = makeKeyWorld();
  const registering = { change: world.change, now: world.ports.now, overlapSeconds: 86_400 };
  await registerKey(registering, SOURCE, APPLICATION, async () => KEY);
  const did: string[] = [];
  const pfx = Buffer.from('a private key');
  const checkKey = makeCheckKey({
    ...world.ports,
    certificates: {
      readPublic: async () => ({
        ...{ ...KEY, version: 'v1', createdAt: '', looks: makeLooks(), tags: {} },
        ...(exportable ? {} : { notExportable: true }),
      }),
    },
    writer: {
      readCurrentPfx: async () => {
        if (!exportable) throw new TerminalError({ code: 'PRIVATE_KEY_MISSING', message: 'none' });
        return { pfx, version: 'v1', thumbprint: KEY.thumbprint };
      },
    },
    access: { vault: async () => OPEN_VAULT },
    keySignIn: {
      tryKey: async (appId, tenantId) => {
        did.push(`key ${tenantId} ${appId}`);
        return { kind: 'accepted' };
      },
      tryInVault: async (appId, tenantId, _, { version }) => {
        did.push(`vault ${version} ${tenantId} ${appId}`);
        return { kind: 'accepted' };
      },
    },
  });
  const checks = await checkKey(SOURCE, APPLICATION);
  return { did, pfx, signIn: checks.find((one) => one.check === 'sign-in')?.severity };
}

test('A key is tried by signing in with it, and wiped', async () => {
  const { did, pfx, signIn } = await check(true);
  expect(did).toEqual([`key t ${APPLICATION.appId}`]);
  expect(signIn).toBe('passed');
  expect(pfx.every((byte) => byte === 0)).toBe(true);
});

test('A key that does not leave its vault is tried by the signature of the vault', async () => {
  const { did, signIn } = await check(false);
  expect(did).toEqual([`vault v1 t ${APPLICATION.appId}`]);
  expect(signIn).toBe('passed');
});
