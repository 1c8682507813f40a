/** Every kind of file that openssl makes, good and bad, through the running host. */
import fc from 'fast-check';
import { makeCertificate } from '../../../local/azure/certificates/certificate.ts';
import { NO_NAMES } from '../../../local/azure/certificates/extensions.ts';
import { makeKeyPair } from '../../../local/azure/certificates/key-pair.ts';
import { writePkcs12 } from '../../../local/azure/certificates/pkcs12-write.ts';
import { openOpenssl } from '../../support/openssl/openssl.ts';
import {
  exportPkcs12,
  issue,
  LEAF,
  makeAuthorities,
  makeKey,
  makeUploadFiles,
  RSA_KEY,
} from '../../support/openssl/upload-files.ts';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { cleanUpSystems } from '../../support/system/running-system.ts';
import {
  ask,
  settle,
  uploadForm,
  type Answered,
  type Fields,
} from '../../support/system/upload.ts';

jest.setTimeout(600_000);

const openssl = openOpenssl();
makeAuthorities(openssl);
const files = makeUploadFiles(openssl);
const [good] = files;
if (good === undefined) throw new Error('no files were made');

let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(async () => {
  openssl.close();
  await cleanUpSystems();
});

const upload = (file: Uint8Array, fields: Fields): Promise<Answered> =>
  uploadForm(app.system, '/certificates', file, { vault: 'contoso-kv', ...fields });

/** The current version's thumbprint as the vault itself shows it. */
async function inVault(name: string): Promise<string | undefined> {
  const answer = await app.wire.send(app.wire.vault('contoso-kv', `/certificates/${name}`));
  if (answer.status !== 200) return undefined;
  const { x5t } = answer.body as { x5t: string };
  return Buffer.from(x5t, 'base64url').toString('hex').toUpperCase();
}

describe('a file that openssl makes', () => {
  it.each(files.map((file, index) => [file.kind, `kind-${String(index)}`, file] as const))(
    'is in the vault: %s',
    async (_, name, { bytes, password, thumbprint }) => {
      const answered = await upload(bytes, { name, password });
      expect(answered).toMatchObject({
        status: 202,
        body: {
          imported: true,
          understood: { thumbprint, sans: ['api.contoso.com'], issuer: 'CN=intermediate' },
        },
      });
      expect(answered.body.understood?.chain.map(({ subject }) => subject)).toEqual([
        'CN=intermediate',
        'CN=root',
      ]);
      expect(await inVault(name)).toBe(thumbprint);
    },
  );

  it('is attached and verified with its chain, RSA and EC', async () => {
    const kinds = ['PKCS#12: legacy, RC2-40 and 3DES', 'PKCS#12: p384', 'PEM: SEC1'];
    for (const [index, kind] of kinds.entries()) {
      const file = files.find((one) => one.kind === kind);
      if (file === undefined) throw new Error(`there is no ${kind}`);
      const name = `attached-${String(index)}`;
      const { bytes, password, thumbprint } = file;
      const answered = await upload(bytes, { name, password, targets: 'contoso-gw' });
      expect(await settle(app, answered)).toMatchObject({ state: 'succeeded' });
      expect(await app.targetThumbprint('contoso-gw', name)).toBe(thumbprint);
    }
  });
});

describe('an upload that is refused says why, and leaves nothing behind:', () => {
  const read = (name: string): Buffer => openssl.read(name);
  const made = (name: string, key: readonly string[], more: readonly string[]): Buffer => {
    makeKey(openssl, name, key);
    issue(openssl, name, undefined, LEAF, more);
    return Buffer.concat([read(`${name}.key`), read(`${name}.crt`)]);
  };
  /** The command line makes no dates at will before openssl 3.4. */
  const outOfTime = async (from: string, to: string): Promise<Buffer> => {
    const { privateKey } = await makeKeyPair({ kty: 'EC', curve: 'P-256' });
    const der = makeCertificate(
      {
        subject: 'CN=out-of-time',
        use: { names: NO_NAMES, usages: ['digitalSignature'], extendedUsages: [] },
        notBefore: new Date(from),
        notAfter: new Date(to),
      },
      privateKey,
    );
    return writePkcs12(privateKey, [der]);
  };
  const small = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'];
  const costly = (): Buffer => exportPkcs12(openssl, 'p256', 'p', ['-iter', '10000000']);

  const cases: readonly [
    sentence: string,
    file: () => Uint8Array | Promise<Uint8Array>,
    fields: Fields,
    status: number,
    code: string,
  ][] = [
    ['a wrong password', () => good.bytes, { password: 'wrong' }, 422, 'PASSWORD_WRONG'],
    ['no PFX', () => Buffer.from('Dear Sir or Madam'), {}, 422, 'FILE_UNREADABLE'],
    ['half of a PFX', () => good.bytes.subarray(0, 900), {}, 422, 'FILE_UNREADABLE'],
    ['no private key', () => read('rsa.crt'), {}, 422, 'PRIVATE_KEY_MISSING'],
    [
      'several keys',
      () => Buffer.concat([read('rsa.key'), read('p256.key'), read('rsa.crt')]),
      {},
      422,
      'PRIVATE_KEYS_SEVERAL',
    ],
    [
      'a key that does not match',
      () => Buffer.concat([read('p384.key'), read('rsa.crt')]),
      {},
      422,
      'PRIVATE_KEY_MISMATCH',
    ],
    ['no certificate', () => read('rsa.key'), {}, 422, 'CERTIFICATE_MISSING'],
    [
      'an expired one',
      () => outOfTime('2020-01-01', '2021-01-01'),
      { password: undefined },
      422,
      'CERTIFICATE_EXPIRED',
    ],
    [
      'one that is not valid yet',
      () => outOfTime('2040-01-01', '2041-01-01'),
      { password: undefined },
      422,
      'CERTIFICATE_NOT_YET_VALID',
    ],
    ['a weak key', () => made('small', small, []), {}, 422, 'KEY_TOO_WEAK'],
    ['a weak signature', () => made('sha1', RSA_KEY, ['-sha1']), {}, 422, 'SIGNATURE_TOO_WEAK'],
    ['a hostile file', costly, { password: 'p' }, 422, 'FILE_TOO_COSTLY'],
    ['a file too large', () => Buffer.alloc(300 * 1024, 1), {}, 413, 'FILE_TOO_LARGE'],
    ['a body too large', () => Buffer.alloc(600 * 1024, 1), {}, 413, 'FILE_TOO_LARGE'],
    ['an empty file', () => Buffer.alloc(0), {}, 400, 'INVALID_REQUEST'],
    ['no name', () => good.bytes, { name: undefined }, 400, 'INVALID_REQUEST'],
    ['a name that Key Vault refuses', () => good.bytes, { name: 'a_b' }, 400, 'INVALID_REQUEST'],
    [
      'a name that is too long',
      () => good.bytes,
      { name: 'n'.repeat(128) },
      400,
      'INVALID_REQUEST',
    ],
    ['an unknown vault', () => good.bytes, { vault: 'other-kv' }, 404, 'VAULT_NOT_CONFIGURED'],
    [
      'an unknown service',
      () => good.bytes,
      { targets: 'contoso-gw, contoso-gw2' },
      404,
      'SERVICE_NOT_CONFIGURED',
    ],
    [
      'a target beyond the rules',
      () => good.bytes,
      { vault: 'contoso-kv', targets: 'contoso-gw/hostnames/api.contoso.com' },
      422,
      'TARGET_UNSUPPORTED',
    ],
    [
      'an unknown workspace',
      () => good.bytes,
      { targets: 'contoso-gw/workspaces/nobody' },
      404,
      'WORKSPACE_NOT_FOUND',
    ],
    [
      "somebody else's target",
      () => good.bytes,
      { targets: 'contoso-gw/certificates/legacy-api' },
      409,
      'TARGET_TAKEN',
    ],
    [
      'a name that is taken',
      () => good.bytes,
      { name: 'gateway-client' },
      409,
      'CERTIFICATE_EXISTS',
    ],
    [
      'a take-over that nobody may ask for here',
      () => good.bytes,
      { targets: 'contoso-gw', takeOver: 'true' },
      403,
      'NEEDS_IDENTITIES',
    ],
  ];

  it.each(cases)('%s', async (_, file, fields, status, code) => {
    const name = 'refused-one';
    const before = await inVault('gateway-client');
    const answered = await upload(await file(), { name, password: good.password, ...fields });
    expect(answered).toMatchObject({ status, body: { code } });
    expect(answered.headers.get('content-type')).toContain('application/problem+json');
    expect(answered.body.detail).toMatch(/^\S.{10,}\.$/s);
    expect(answered.body.correlationId).toBeTruthy();
    if (status === 400) expect(answered.body.errors?.[0]?.field).toBeTruthy();
    expect(await inVault(name)).toBeUndefined();
    expect(await inVault('gateway-client')).toBe(before);
    expect((await app.wire.api(`/certificates/contoso-kv/${name}`)).status).toBe(404);
    expect(await app.targetThumbprint('contoso-gw', name)).toBeUndefined();
  });

  it.each<[sentence: string, type: string, body: string, status: number, code: string]>([
    ['another content type', 'application/x-pkcs12', 'x', 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['JSON that is none', 'application/json', '{', 400, 'FORM_UNREADABLE'],
    [
      'a form that was cut off',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="name"\r\n\r\nrefused',
      400,
      'FORM_TRUNCATED',
    ],
  ])('%s', async (_, type, body, status, code) => {
    const headers = { 'content-type': type };
    expect(await ask(app.system, '/certificates', { method: 'POST', headers, body })).toMatchObject(
      { status, body: { code } },
    );
  });

  it('a chain that is incomplete is no refusal but a warning', async () => {
    const alone = Buffer.concat([read('rsa.key'), read('rsa.crt')]);
    expect(await upload(alone, { name: 'incomplete' })).toMatchObject({
      status: 202,
      body: { warnings: [{ code: 'CHAIN_INCOMPLETE' }] },
    });
  });
});

/** More of them: CERTKEEPER_FUZZ_RUNS=5000. */
const RUNS = Number(process.env['CERTKEEPER_FUZZ_RUNS'] ?? '60');

test('whatever becomes of a file on its way, it is answered and never with 500', async () => {
  const some = files.filter(({ kind }) =>
    /openssl 3|legacy, RC2-40|no MAC$|p256$|PEM: PKCS#8, EC|SEC1, DEK/.test(kind),
  );
  expect(some.length).toBeGreaterThan(4);
  let count = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...some),
      fc.array(
        fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      async ({ bytes, password }, changes, keep) => {
        const mutated = Buffer.from(bytes);
        for (const [at, byte] of changes) mutated[Math.floor(at * mutated.length)] = byte;
        const cut = mutated.subarray(0, Math.max(1, Math.floor(mutated.length * keep)));
        count += 1;
        const answered = await upload(cut, { name: `fuzz-${String(count)}`, password });
        expect([202, 422]).toContain(answered.status);
      },
    ),
    { numRuns: RUNS, seed: 20261121 },
  );
});
