import { makeVaults } from '../../../shared/azure/key-vault.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import { NEW_THUMBPRINT, NEW_VERSION, SOURCE } from '../../support/domain-samples.ts';
import {
  makeScriptedAzure,
  refuse,
  type Answer,
  type Sent,
} from '../../support/fake-http-client.ts';

const VAULT = { id: '/kv', subscriptionId: 's', resourceGroup: 'rg', name: 'contoso-kv' };
const BASE = 'https://contoso-kv.vault.azure.net/certificates';
/** SHA-1 as Key Vault writes it on the wire. */
const X5T = Buffer.from(NEW_THUMBPRINT, 'hex').toString('base64url');

/** A certificate as the vault answers it, times in seconds since the epoch. */
function bundle(other: object = {}, attributes: object = {}): object {
  return {
    id: `${BASE}/gateway-client/${NEW_VERSION}`,
    x5t: X5T,
    cer: 'AAAA',
    attributes: { enabled: true, created: 1_784_941_200, exp: 1_816_477_200, ...attributes },
    tags: { team: 'api' },
    policy: {
      key_props: { exportable: true },
      secret_props: { contentType: 'application/x-pkcs12' },
    },
    ...other,
  };
}

const CHALLENGE: Answer = {
  status: 401,
  headers: {
    'www-authenticate':
      'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"',
  },
};

/** Answers the challenge first, as every vault does, then what the test says. */
function over(answer: (sent: Sent) => Answer) {
  let challenged = false;
  const azure = makeScriptedAzure((sent) => {
    if (challenged) return answer(sent);
    challenged = true;
    return CHALLENGE;
  });
  return { ...azure, vaults: makeVaults(azure.clients, [VAULT]) };
}

describe('The current version of a certificate', () => {
  test('is read by one call without a version, after the challenge', async () => {
    const { vaults, sent } = over(() => ({ status: 200, body: bundle() }));
    await expect(vaults.readCurrent(SOURCE)).resolves.toEqual({
      kind: 'present',
      current: {
        version: NEW_VERSION,
        thumbprint: NEW_THUMBPRINT,
        enabled: true,
        createdAt: '2026-07-25T01:00:00.000Z',
        expiresAt: '2027-07-25T01:00:00.000Z',
        contentType: 'application/x-pkcs12',
        exportable: true,
        tags: { team: 'api' },
      },
    });
    expect(sent.slice(1)).toMatchObject([
      { method: 'GET', host: 'contoso-kv.vault.azure.net', path: '/certificates/gateway-client/' },
    ]);
  });

  test.each<[sentence: string, answer: Answer, observation: object]>([
    ['is missing when there is none', refuse(404, 'CertificateNotFound'), { kind: 'missing' }],
    [
      'is missing while it is still being issued',
      { status: 200, body: bundle({ x5t: undefined, cer: undefined }) },
      { kind: 'missing' },
    ],
    [
      'is disabled when it says so itself',
      { status: 200, body: bundle({}, { enabled: false }) },
      { kind: 'present', current: { enabled: false } },
    ],
    [
      'is disabled when the vault refuses it for that',
      refuse(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.'),
      { kind: 'disabled' },
    ],
  ])('%s', async (_, answer, observation) => {
    const { vaults } = over(() => answer);
    await expect(vaults.readCurrent(SOURCE)).resolves.toMatchObject(observation);
  });

  test.each([
    [
      'Certkeeper may not read it',
      'The user does not have certificates get permission.',
      'CERTKEEPER_PERMISSION_MISSING',
    ],
    [
      'the vault is closed',
      'Public network access is disabled and request is not from a trusted service.',
      'CERTKEEPER_FIREWALLED',
    ],
  ])('is not taken for disabled when %s', async (_, message, code) => {
    const { vaults } = over(() => refuse(403, 'Forbidden', message));
    await expect(vaults.readCurrent(SOURCE)).rejects.toMatchObject({
      problem: {
        code,
        message: expect.stringContaining(message) as string,
      },
    });
  });

  test('comes with what the certificate says of itself', async () => {
    const { der, thumbprint } = await makeTestCertificate('CN=a.contoso.com');
    const cer = der.toString('base64');
    const { vaults } = over(() => ({ status: 200, body: bundle({ cer }) }));
    await expect(vaults.readCurrent(SOURCE)).resolves.toMatchObject({
      current: { looks: { subject: 'CN=a.contoso.com', keyType: 'EC', thumbprint } },
    });
  });

  test.each<[sentence: string, answer: Answer]>([
    ['the vault itself is not found', refuse(404, 'VaultNotFound')],
    ['something in between knows nothing of it', { status: 404, body: '<html>' }],
  ])('is not taken for missing when %s', async (_, answer) => {
    const { vaults } = over(() => answer);
    await expect(vaults.readCurrent(SOURCE)).rejects.toMatchObject({
      problem: { code: 'AZURE_REFUSED' },
    });
    await expect(vaults.absence(SOURCE)).rejects.toMatchObject({
      problem: { code: 'AZURE_REFUSED' },
    });
  });

  test('is put off as the vault asks, without a try of its own', async () => {
    const { vaults, sent } = over(() => ({
      ...refuse(429, 'Throttled'),
      headers: { 'retry-after': '9' },
    }));
    const error: unknown = await vaults.readCurrent(SOURCE).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ retryAfterSeconds: 9 });
    expect(sent).toHaveLength(2);
  });

  test('is never asked of a vault that is not under care', async () => {
    const { vaults, sent } = over(() => ({ status: 200, body: bundle() }));
    await expect(vaults.readCurrent({ ...SOURCE, vault: 'foreign-kv' })).rejects.toMatchObject({
      problem: { code: 'VAULT_NOT_CONFIGURED' },
    });
    expect(sent).toEqual([]);
  });
});

test('The certificates of a vault are listed page by page with their tags', async () => {
  const item = (name: string, other: object = {}) => ({
    id: `${BASE}/${name}`,
    x5t: X5T,
    attributes: { enabled: true },
    tags: { 'certkeeper-targets': 'contoso-gw' },
    ...other,
  });
  const { vaults } = over(({ query }) =>
    query.has('$skiptoken')
      ? { status: 200, body: { value: [item('b', { x5t: undefined, tags: undefined })] } }
      : {
          status: 200,
          body: { value: [item('A')], nextLink: `${BASE}?$skiptoken=x&api-version=7.6` },
        },
  );
  const listed = [];
  for await (const one of vaults.list('contoso-kv')) listed.push(one);
  expect(listed).toEqual([
    {
      source: { vault: 'contoso-kv', name: 'a' },
      thumbprint: NEW_THUMBPRINT,
      enabled: true,
      tags: { 'certkeeper-targets': 'contoso-gw' },
    },
    { source: { vault: 'contoso-kv', name: 'b' }, enabled: true, tags: {} },
  ]);
});

describe('The versions of a certificate', () => {
  const version = (id: string, attributes: object, other: object = {}) => ({
    id: `${BASE}/gateway-client/${id}`,
    x5t: X5T,
    attributes: { enabled: true, ...attributes },
    ...other,
  });

  test('are listed page by page, newest created first, disabled ones too', async () => {
    const { vaults, sent } = over(({ query }) =>
      query.has('$skiptoken')
        ? {
            status: 200,
            body: {
              value: [
                version('newest', {
                  created: 1_784_941_200,
                  nbf: 1_784_941_100,
                  exp: 1_816_477_200,
                }),
              ],
            },
          }
        : {
            status: 200,
            body: {
              value: [
                version('oldest', { created: 1_700_000_000 }, { x5t: undefined }),
                version('middle', { created: 1_750_000_000, enabled: false }),
              ],
              nextLink: `${BASE}/gateway-client/versions?$skiptoken=x&api-version=7.6`,
            },
          },
    );
    await expect(vaults.versions(SOURCE)).resolves.toEqual([
      {
        version: 'newest',
        thumbprint: NEW_THUMBPRINT,
        enabled: true,
        createdAt: '2026-07-25T01:00:00.000Z',
        notBefore: '2026-07-25T00:58:20.000Z',
        expiresAt: '2027-07-25T01:00:00.000Z',
        tags: {},
      },
      {
        version: 'middle',
        thumbprint: NEW_THUMBPRINT,
        enabled: false,
        createdAt: '2025-06-15T15:06:40.000Z',
        tags: {},
      },
      { version: 'oldest', enabled: true, createdAt: '2023-11-14T22:13:20.000Z', tags: {} },
    ]);
    expect(sent[1]).toMatchObject({ method: 'GET', path: '/certificates/gateway-client/versions' });
  });

  test.each<[sentence: string, answer: Answer]>([
    ['the vault says that there is no such certificate', refuse(404, 'CertificateNotFound')],
    ['the vault lists nothing', { status: 200, body: { value: [] } }],
  ])('are none when %s', async (_, answer) => {
    await expect(over(() => answer).vaults.versions(SOURCE)).resolves.toEqual([]);
  });

  test('that may not be listed say which permission is missing', async () => {
    const { vaults } = over(() => refuse(403, 'Forbidden', 'no certificates list permission'));
    await expect(vaults.versions(SOURCE)).rejects.toMatchObject({
      problem: {
        code: 'CERTKEEPER_PERMISSION_MISSING',
        message: expect.stringContaining('versions of contoso-kv/gateway-client') as string,
      },
    });
  });
});

describe('What became of a certificate', () => {
  const GONE = refuse(404, 'CertificateNotFound');
  /** 2026-10-25T01:00:00Z and 2026-07-25T01:00:00Z. */
  const deleted: Answer = {
    status: 200,
    body: bundle({
      recoveryId: 'https://contoso-kv.vault.azure.net/deletedcertificates/gateway-client',
      deletedDate: 1_785_027_600,
      scheduledPurgeDate: 1_792_890_000,
    }),
  };
  const sight = async (current: Answer, gone: Answer = GONE) => {
    const { vaults, sent } = over(({ path }) =>
      path.startsWith('/deletedcertificates/') ? gone : current,
    );
    const sighting = await vaults.sight(SOURCE);
    return { sighting, calls: sent.length - 1 };
  };

  test.each<[sentence: string, current: Answer]>([
    ['is there', { status: 200, body: bundle() }],
    ['is still being issued', { status: 200, body: bundle({ x5t: undefined, cer: undefined }) }],
    ['is disabled', refuse(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.')],
  ])('that %s is told by one call', async (_, current) => {
    await expect(sight(current)).resolves.toEqual({ sighting: { kind: 'present' }, calls: 1 });
  });

  test('that is deleted comes with the time until when it can be recovered, and its tags', async () => {
    await expect(sight(GONE, deleted)).resolves.toEqual({
      sighting: {
        kind: 'soft-deleted',
        recoverableUntil: '2026-10-25T01:00:00.000Z',
        createdAt: '2026-07-25T01:00:00.000Z',
        tags: { team: 'api' },
      },
      calls: 2,
    });
  });

  test('that the vault knows nothing of is traceless', async () => {
    await expect(sight(GONE)).resolves.toMatchObject({ sighting: { kind: 'traceless' } });
  });

  test.each<[sentence: string, current: Answer, gone: Answer | undefined, code: string]>([
    [
      'it may not be read',
      refuse(403, 'Forbidden', 'no'),
      undefined,
      'CERTKEEPER_PERMISSION_MISSING',
    ],
    [
      'deleted ones may not be read',
      GONE,
      refuse(403, 'Forbidden', 'no'),
      'CERTKEEPER_PERMISSION_MISSING',
    ],
    ['the vault is not found', refuse(404, 'VaultNotFound'), undefined, 'AZURE_REFUSED'],
    [
      'the vault is not found at the second call',
      GONE,
      refuse(404, 'VaultNotFound'),
      'AZURE_REFUSED',
    ],
    ['a 404 says nothing', { status: 404, body: {} }, undefined, 'AZURE_REFUSED'],
    ['it is being deleted', refuse(409, 'Conflict'), undefined, 'AZURE_UNAVAILABLE'],
    ['it is being recovered', GONE, refuse(409, 'Conflict'), 'AZURE_UNAVAILABLE'],
    ['the vault is busy', refuse(503, 'Busy'), undefined, 'AZURE_UNAVAILABLE'],
    ['deleted ones cannot be kept apart', GONE, refuse(400, 'NotSupported'), 'AZURE_REFUSED'],
  ])('is not known when %s', async (_, current, gone, code) => {
    await expect(sight(current, gone)).rejects.toMatchObject({ problem: { code } });
  });

  test('is not known when the name of the vault does not resolve', async () => {
    const { vaults } = over(() => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND contoso-kv.vault.azure.net'), {
        code: 'ENOTFOUND',
      });
    });
    await expect(vaults.sight(SOURCE)).rejects.toBeInstanceOf(TransientError);
  });
});
