import { openPkcs12 } from '../../../local/azure/certificates/pkcs12-open.ts';
import { makeVaultWriter } from '../../../shared/azure/vault-writer.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import { NEW_THUMBPRINT, NEW_VERSION, OLD_VERSION, SOURCE } from '../../support/domain-samples.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import {
  makeScriptedAzure,
  refuse,
  type Answer,
  type Sent,
} from '../../support/fake-http-client.ts';

const VAULT = { id: '/kv', subscriptionId: 's', resourceGroup: 'rg', name: 'contoso-kv' };
const BASE = 'https://contoso-kv.vault.azure.net';
const X5T = Buffer.from(NEW_THUMBPRINT, 'hex').toString('base64url');
const PEM = 'application/x-pem-file';
const PFX = Buffer.from('not a PFX, and nobody reads it here');

const certificate = (version: string, other: object = {}): Answer => ({
  status: 200,
  body: {
    id: `${BASE}/certificates/gateway-client/${version}`,
    x5t: X5T,
    cer: 'AAAA',
    attributes: { enabled: true },
    policy: { key_props: { exportable: true } },
    ...other,
  },
});
const secret = (version: string, other: object = {}): Answer => ({
  status: 200,
  body: {
    id: `${BASE}/secrets/gateway-client/${version}`,
    value: PFX.toString('base64'),
    contentType: 'application/x-pkcs12',
    attributes: { enabled: true },
    ...other,
  },
});

const CHALLENGE: Answer = {
  status: 401,
  headers: {
    'www-authenticate':
      'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"',
  },
};

/** Every client is challenged by its first answer, as at a vault. */
function over(answers: Partial<Record<'certificates' | 'secrets', Answer>>) {
  const challenged = new Set<string>();
  const azure = makeScriptedAzure(({ path }: Sent) => {
    const kind = path.startsWith('/secrets') ? 'secrets' : 'certificates';
    if (!challenged.has(kind)) {
      challenged.add(kind);
      return CHALLENGE;
    }
    return answers[kind] ?? refuse(500, 'Unexpected');
  });
  return { ...azure, writer: makeVaultWriter(azure.clients, [VAULT]) };
}

describe('The PFX of a certificate', () => {
  test('is read through the secret of the very version that is current', async () => {
    const { writer, sent } = over({
      certificates: certificate(NEW_VERSION),
      secrets: secret(NEW_VERSION),
    });
    const read = await writer.readPfx(SOURCE);
    expect(read).toMatchObject({ thumbprint: NEW_THUMBPRINT, version: NEW_VERSION });
    expect(Buffer.from(read.pfx)).toEqual(PFX);
    expect(sent.at(-1)).toMatchObject({
      method: 'GET',
      path: `/secrets/gateway-client/${NEW_VERSION}`,
    });
  });

  test('is read of an earlier version when that is asked for', async () => {
    const { writer, sent } = over({
      certificates: certificate(OLD_VERSION),
      secrets: secret(OLD_VERSION),
    });
    await expect(writer.readPfx(SOURCE, OLD_VERSION)).resolves.toMatchObject({
      version: OLD_VERSION,
    });
    expect(sent.map(({ path }) => path)).toContain(`/certificates/gateway-client/${OLD_VERSION}`);
  });

  const seen = { version: NEW_VERSION, thumbprint: NEW_THUMBPRINT };

  test('costs one call when the vault still shows what was seen before', async () => {
    const { writer, sent } = over({ secrets: secret(NEW_VERSION) });
    const read = await writer.readCurrentPfx(SOURCE, seen);
    expect(read).toMatchObject(seen);
    expect(Buffer.from(read.pfx)).toEqual(PFX);
    // The second is the answer to the vault's challenge.
    expect(sent.map(({ path }) => path)).toEqual(Array(2).fill('/secrets/gateway-client/'));
  });

  test('is PKCS#12 without password too where the vault keeps it as PEM', async () => {
    const made = await makeTestCertificate('CN=a');
    const { writer } = over({
      secrets: secret(NEW_VERSION, { contentType: PEM, value: made.pem }),
    });
    const { pfx } = await writer.readCurrentPfx(SOURCE, seen);
    const { certificates, keys } = await openPkcs12(Buffer.from(pfx), '');
    expect(certificates).toEqual([made.der]);
    expect(keys).toHaveLength(1);
  });

  test('is that of the version which is current, not of the one that was seen', async () => {
    const { writer } = over({
      certificates: certificate(NEW_VERSION),
      secrets: secret(NEW_VERSION),
    });
    const earlier = { version: OLD_VERSION, thumbprint: 'B'.repeat(40) };
    await expect(writer.readCurrentPfx(SOURCE, earlier)).resolves.toMatchObject(seen);
  });

  test.each<[sentence: string, answer: Answer, code: string]>([
    ['is gone', refuse(404, 'SecretNotFound'), 'SOURCE_NOT_FOUND'],
    ['may not be read', refuse(403, 'Forbidden'), 'CERTKEEPER_PERMISSION_MISSING'],
    [
      'was disabled',
      refuse(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.'),
      'CURRENT_VERSION_DISABLED',
    ],
    [
      'is kept as something else',
      secret(NEW_VERSION, { contentType: 'text/plain' }),
      'CERTIFICATE_WRONG_TYPE',
    ],
    [
      'is kept as a PEM that nobody can read',
      secret(NEW_VERSION, { contentType: PEM, value: 'no PEM at all' }),
      'FILE_UNREADABLE',
    ],
  ])('is not read when the current version %s', async (_, answer, code) => {
    await expect(
      over({ secrets: answer }).writer.readCurrentPfx(SOURCE, seen),
    ).rejects.toMatchObject({ problem: { code } });
  });

  test.each<[sentence: string, answers: Parameters<typeof over>[0], code: string]>([
    [
      'that does not exist',
      { certificates: refuse(404, 'CertificateNotFound') },
      'SOURCE_NOT_FOUND',
    ],
    [
      'whose first version is still being issued',
      { certificates: certificate(NEW_VERSION, { x5t: undefined, cer: undefined }) },
      'SOURCE_NOT_FOUND',
    ],
    [
      'that is disabled',
      { certificates: certificate(NEW_VERSION, { attributes: { enabled: false } }) },
      'CURRENT_VERSION_DISABLED',
    ],
    [
      'whose secret is disabled',
      {
        certificates: certificate(NEW_VERSION),
        secrets: refuse(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.'),
      },
      'CURRENT_VERSION_DISABLED',
    ],
    [
      'whose key is not exportable',
      { certificates: certificate(NEW_VERSION, { policy: { key_props: { exportable: false } } }) },
      'CERTIFICATE_NOT_EXPORTABLE',
    ],
    [
      'that is kept as PEM',
      {
        certificates: certificate(NEW_VERSION),
        secrets: secret(NEW_VERSION, { contentType: 'application/x-pem-file' }),
      },
      'CERTIFICATE_WRONG_TYPE',
    ],
  ])('cannot be read of one %s', async (_, answers, code) => {
    const { writer } = over(answers);
    await expect(writer.readPfx(SOURCE)).rejects.toMatchObject({ problem: { code } });
  });

  test('is refused with the permission that Certkeeper lacks for it', async () => {
    const { writer } = over({
      certificates: certificate(NEW_VERSION),
      secrets: refuse(403, 'Forbidden', 'Caller is not authorized to perform action.'),
    });
    await expect(writer.readPfx(SOURCE)).rejects.toMatchObject({
      problem: {
        code: 'CERTKEEPER_PERMISSION_MISSING',
        message: expect.stringContaining(
          'read the private key of contoso-kv/gateway-client',
        ) as string,
        cure: expect.stringContaining('"Key Vault Certificate User"') as string,
      },
    });
  });

  test('is never asked of a vault that is not under care', async () => {
    const { writer, sent } = over({});
    await expect(writer.readPfx({ ...SOURCE, vault: 'foreign-kv' })).rejects.toMatchObject({
      problem: { code: 'VAULT_NOT_CONFIGURED' },
    });
    expect(sent).toEqual([]);
  });
});

describe('An import', () => {
  test('is refused with the role that Certkeeper lacks for it', async () => {
    const { writer } = over({
      certificates: refuse(403, 'Forbidden', 'Caller is not authorized to perform action.'),
    });
    await expect(writer.import(SOURCE, PFX, {})).rejects.toMatchObject({
      problem: {
        code: 'CERTKEEPER_PERMISSION_MISSING',
        cure: expect.stringContaining('"Key Vault Certificates Officer"') as string,
      },
    });
  });

  test('may be asked for again when the vault is throttling', async () => {
    const { writer } = over({ certificates: refuse(429, 'Throttled') });
    await expect(writer.import(SOURCE, PFX, {})).rejects.toBeInstanceOf(TransientError);
  });
});

test('A recovery that takes its time is left to the vault, and says so', async () => {
  const deleted = { recoveryId: `${BASE}/deletedcertificates/gateway-client` };
  let challenged = false;
  const { clients } = makeScriptedAzure(({ method }) => {
    if (!challenged) {
      challenged = true;
      return CHALLENGE;
    }
    return method === 'POST'
      ? certificate(OLD_VERSION, deleted)
      : refuse(404, 'CertificateNotFound');
  });
  const writer = makeVaultWriter(clients, [VAULT], { milliseconds: 3, pauseMilliseconds: 1 });
  const error: unknown = await writer.recoverDeleted(SOURCE).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({
    problem: { message: expect.stringContaining('still recovering') as string },
  });
});
