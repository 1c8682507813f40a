import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { readCertificate } from '../../../../local/azure/certificates/certificate.ts';
import { makeKeyPair } from '../../../../local/azure/certificates/key-pair.ts';
import { openPem, writePem } from '../../../../local/azure/certificates/pem.ts';
import {
  openPkcs12,
  WrongPasswordError,
} from '../../../../local/azure/certificates/pkcs12-open.ts';
import { writePkcs12 } from '../../../../local/azure/certificates/pkcs12-write.ts';
import { makeTestCertificate } from '../../../support/azure/make-pfx.ts';

const fixture = (name: string): Buffer =>
  readFileSync(join(__dirname, '../../../support/azure/pkcs12', `${name}.p12`));

const passwords: Record<string, string> = {
  'ec-legacy': '',
  'rsa-empty-password': '',
  'rsa-non-ascii-password': 'pässwörd',
};

describe('opening PKCS#12 files', () => {
  it.each([
    'rsa-modern',
    'rsa-legacy-rc2',
    'rsa-3des',
    'rsa-aes-mixed',
    'rsa-no-mac',
    'rsa-unencrypted',
    'rsa-empty-password',
    'rsa-non-ascii-password',
    'ec-modern',
    'ec-legacy',
  ])('finds the key and its certificate in %s', async (name) => {
    const { keys, certificates } = await openPkcs12(fixture(name), passwords[name] ?? 'secret');

    expect(keys).toHaveLength(1);
    expect(certificates).toHaveLength(1);
    const [key] = keys;
    const [der] = certificates;
    if (key === undefined || der === undefined) throw new Error('nothing was found');
    expect(new X509Certificate(der).publicKey.equals(createPublicKey(key))).toBe(true);
  });

  it('finds every certificate of a chain', async () => {
    const { certificates } = await openPkcs12(fixture('ec-chain'), 'secret');

    const subjects = certificates.map((der) => readCertificate(der).subject);
    expect(subjects.sort()).toEqual(['CN=Fixture Root', 'CN=leaf.contoso.com']);
  });

  it('finds no key where there is none', async () => {
    const { keys, certificates } = await openPkcs12(fixture('certificate-only'), 'secret');

    expect(keys).toEqual([]);
    expect(certificates).toHaveLength(1);
  });

  it.each(['rsa-modern', 'rsa-legacy-rc2', 'rsa-no-mac', 'rsa-empty-password', 'ec-legacy'])(
    'tells a wrong password for %s',
    async (name) => {
      await expect(openPkcs12(fixture(name), 'wrong')).rejects.toBeInstanceOf(WrongPasswordError);
    },
  );

  it.each(['rsa-many-iterations', 'rsa-legacy-many-iterations'])(
    'lets other work run while the many iterations of %s are done',
    async (name) => {
      let turns = 0;
      const count = (): void => {
        turns += 1;
        counting = setImmediate(count);
      };
      let counting = setImmediate(count);

      // A wrong password is found by the integrity check alone, which no thread of its own does.
      const wrong = openPkcs12(fixture(name), 'wrong').finally(() => clearImmediate(counting));
      await expect(wrong).rejects.toBeInstanceOf(WrongPasswordError);

      expect(turns).toBeGreaterThan(1);
      expect((await openPkcs12(fixture(name), 'secret')).keys).toHaveLength(1);
    },
  );

  it('refuses bytes that are no file with an Error, whatever they are', async () => {
    const whole = fixture('rsa-modern');
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.integer({ min: 0, max: whole.length - 1 }).map((length) => whole.subarray(0, length)),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        await expect(openPkcs12(bytes, 'secret')).rejects.toBeInstanceOf(Error);
      }),
      { numRuns: 200 },
    );
  });
});

describe('writing PKCS#12 and PEM', () => {
  it('writes a file that opens with an empty password and holds the same key', async () => {
    const { privateKey } = await makeKeyPair({ kty: 'RSA', keySize: 2048 });
    const { der } = await makeTestCertificate();

    const { keys, certificates } = await openPkcs12(writePkcs12(privateKey, [der]), '');

    expect(keys[0]?.equals(privateKey)).toBe(true);
    expect(certificates).toEqual([der]);
    await expect(openPkcs12(writePkcs12(privateKey, [der]), 'x')).rejects.toBeInstanceOf(
      WrongPasswordError,
    );
  });

  it('leaves the key out when it is given none', async () => {
    const { der } = await makeTestCertificate();

    expect(await openPkcs12(writePkcs12(undefined, [der]), '')).toEqual({
      keys: [],
      certificates: [der],
    });
  });

  it('writes PEM that reads back the same', async () => {
    const { privateKey } = await makeKeyPair({ kty: 'EC', curve: 'P-384' });
    const { der } = await makeTestCertificate();

    const { keys, certificates } = openPem(writePem(privateKey, [der, der]));

    expect(keys[0]?.equals(privateKey)).toBe(true);
    expect(certificates).toEqual([der, der]);
  });
});
