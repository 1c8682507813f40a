/** The file that is sent on, whatever was uploaded. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { openPkcs12 } from '../../../local/azure/certificates/pkcs12-open.ts';
import { readUpload } from '../../../shared/certificates/read-upload.ts';
import { openOpenssl } from '../../support/openssl/openssl.ts';
import { makeAuthorities } from '../../support/openssl/upload-files.ts';

const openssl = openOpenssl();
makeAuthorities(openssl);
afterAll(() => openssl.close());

/** The chain upside down, so that putting it in order shows. */
const uploaded = (leaf: string) =>
  readUpload(
    Buffer.concat(
      ['root.crt', 'intermediate.crt', `${leaf}.crt`, `${leaf}.key`].map((name) =>
        openssl.read(name),
      ),
    ),
    undefined,
  );

describe('a PFX that is written', () => {
  it.each([
    ['rsa', undefined],
    ['rsa', 'secret'],
    ['p256', ''],
    ['p384', 'pässwörd-Ω'],
    ['p521', 'x'.repeat(200)],
  ])('is read by openssl: %s, password %s', async (leaf, password) => {
    openssl.write('written.p12', (await uploaded(leaf)).toPfx(password));
    const pass = ['-passin', `pass:${password ?? ''}`];

    const about = openssl.run('pkcs12', '-in', 'written.p12', ...pass, '-nodes');

    const subjects = [...about.matchAll(/^subject=(.*)$/gm)].map(([, subject]) => subject);
    expect(subjects).toEqual([`CN = ${leaf}`, 'CN = intermediate', 'CN = root']);
    const key = createPrivateKey(about);
    expect(key.equals(createPrivateKey(openssl.read(`${leaf}.key`)))).toBe(true);
  });

  it('is protected as Key Vault and Windows take it, and no other way', async () => {
    openssl.write('written.p12', (await uploaded('rsa')).toPfx('secret'));
    const remarks = openssl.remarks(
      ...['pkcs12', '-in', 'written.p12', '-passin', 'pass:secret', '-noout', '-info'],
    );
    expect(remarks.trim().split('\n')).toEqual([
      'MAC: sha1, Iteration 2048',
      'MAC length: 20, salt length: 8',
      'PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048',
      ...Array.from({ length: 3 }, () => 'Certificate bag'),
      'PKCS7 Data',
      'Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048',
    ]);
  });

  it('is opened by what Azure opens files with here', async () => {
    const { keys, certificates } = await openPkcs12(
      Buffer.from((await uploaded('p384')).toPfx()),
      '',
    );

    expect(certificates.map((der) => new X509Certificate(der).subject)).toEqual([
      ...['CN=p384', 'CN=intermediate', 'CN=root'],
    ]);
    const [leaf] = certificates;
    if (keys[0] === undefined || leaf === undefined) throw new Error('nothing was found');
    expect(new X509Certificate(leaf).publicKey.equals(createPublicKey(keys[0]))).toBe(true);
  });

  it('is read back whatever the password, and with no other', async () => {
    const { leaf, chain, toPfx } = await uploaded('p256');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 40 }), async (password) => {
        const again = await readUpload(toPfx(password), password);
        expect({ leaf: again.leaf, chain: again.chain }).toEqual({ leaf, chain });
        await expect(readUpload(toPfx(password), `${password}.`)).rejects.toMatchObject({
          problem: { code: 'PASSWORD_WRONG' },
        });
      }),
      { numRuns: 25 },
    );
  });
});
