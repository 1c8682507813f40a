import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import {
  makeCertificate,
  makeRequest,
  readCertificate,
} from '../../../../local/azure/certificates/certificate.ts';
import { child, readAsn1 } from '../../../../local/azure/certificates/der-read.ts';
import { encodeName, formatName } from '../../../../local/azure/certificates/distinguished-name.ts';
import { KEY_USAGES, NO_NAMES } from '../../../../local/azure/certificates/extensions.ts';
import {
  kindOf,
  makeKeyPair,
  type KeyKind,
} from '../../../../local/azure/certificates/key-pair.ts';

const plain = { names: NO_NAMES, usages: ['digitalSignature'], extendedUsages: [] };
const dates = { notBefore: new Date('2026-01-01'), notAfter: new Date('2027-01-01') };

describe('making certificates', () => {
  it.each<KeyKind>([
    { kty: 'RSA', keySize: 2048 },
    { kty: 'EC', curve: 'P-256' },
    { kty: 'EC', curve: 'P-384' },
    { kty: 'EC', curve: 'P-521' },
    { kty: 'EC', curve: 'P-256K' },
  ])('signs with a key of kind %j so that OpenSSL verifies it', async (kind) => {
    const { privateKey, publicKey } = await makeKeyPair(kind);

    const certificate = new X509Certificate(
      makeCertificate({ subject: 'CN=a', use: plain, ...dates }, privateKey),
    );

    expect(certificate.verify(publicKey)).toBe(true);
    expect(kindOf(certificate.publicKey)).toEqual(kind);
  });

  it('signs with SHA-1 where it is told to, as was done long ago', async () => {
    const { privateKey, publicKey } = await makeKeyPair({ kty: 'RSA', keySize: 2048 });

    const certificate = new X509Certificate(
      makeCertificate({ subject: 'CN=a', use: plain, ...dates, signedWith: 'SHA-1' }, privateKey),
    );

    expect(certificate.verify(publicKey)).toBe(true);
    expect(certificate.signatureAlgorithm).toBe('sha1WithRSAEncryption');
  });

  it('writes a use that reads back the same', async () => {
    const { privateKey } = await makeKeyPair({ kty: 'EC', curve: 'P-256' });
    const names = {
      dnsNames: ['a.contoso.com', '*.contoso.com'],
      emails: ['a@contoso.com'],
      upns: ['u@contoso.com'],
      uris: ['https://contoso.com/x'],
      ipAddresses: ['10.1.2.3', '2001:0db8:0000:0000:0000:0000:0000:0001'],
    };
    await fc.assert(
      fc.asyncProperty(fc.subarray([...KEY_USAGES]), async (usages) => {
        const use = { names, usages, extendedUsages: ['1.3.6.1.5.5.7.3.1', '2.999.300000.1'] };
        const der = makeCertificate({ subject: 'CN=a', use, ...dates }, privateKey);
        await Promise.resolve();
        expect(readCertificate(der)).toMatchObject({ subject: 'CN=a', use, ...dates });
      }),
      { numRuns: 30 },
    );
  });

  it('is read by OpenSSL with the same names', async () => {
    const { privateKey } = await makeKeyPair({ kty: 'EC', curve: 'P-256' });
    const names = { ...NO_NAMES, dnsNames: ['a.contoso.com'], ipAddresses: ['::1', '10.0.0.1'] };

    const certificate = new X509Certificate(
      makeCertificate(
        { subject: 'CN=a.contoso.com, O=Contoso', use: { ...plain, names }, ...dates },
        privateKey,
      ),
    );

    expect(certificate.subject).toBe('O=Contoso\nCN=a.contoso.com');
    expect(certificate.subjectAltName).toBe(
      'DNS:a.contoso.com, IP Address:0:0:0:0:0:0:0:1, IP Address:10.0.0.1',
    );
    expect(certificate.checkHost('a.contoso.com')).toBe('a.contoso.com');
  });

  it('is issued by another certificate when it is given one', async () => {
    const authority = await makeKeyPair({ kty: 'EC', curve: 'P-384' });
    const leaf = await makeKeyPair({ kty: 'RSA', keySize: 2048 });
    const root = makeCertificate(
      { subject: 'CN=Root', use: { ...plain, usages: ['keyCertSign'] }, ...dates },
      authority.privateKey,
    );

    const issued = new X509Certificate(
      makeCertificate({ subject: 'CN=leaf', use: plain, ...dates }, leaf.privateKey, {
        certificate: root,
        privateKey: authority.privateKey,
      }),
    );

    expect(issued.checkIssued(new X509Certificate(root))).toBe(true);
    expect(issued.verify(authority.publicKey)).toBe(true);
    expect(new X509Certificate(root).ca).toBe(true);
  });

  it('keeps dates after 2049, which need another form', async () => {
    const { privateKey } = await makeKeyPair({ kty: 'EC', curve: 'P-256' });
    const notAfter = new Date('2060-02-29T12:34:56Z');

    const der = makeCertificate({ subject: 'CN=a', use: plain, ...dates, notAfter }, privateKey);

    expect(readCertificate(der).notAfter).toEqual(notAfter);
  });

  it('puts the public key and the subject into a request', async () => {
    const { privateKey, publicKey } = await makeKeyPair({ kty: 'EC', curve: 'P-256' });

    const body = child(readAsn1(makeRequest('CN=a', plain, privateKey)), 0);

    expect(formatName(child(body, 1))).toBe('CN=a');
    expect(child(body, 2).raw).toEqual(publicKey.export({ type: 'spki', format: 'der' }));
  });
});

describe('distinguished names', () => {
  it.each([
    ['CN=a', 'CN=a'],
    ['cn = a , o=Contoso', 'CN=a, O=Contoso'],
    ['CN=a;ST=Bavaria;C=DE', 'CN=a, S=Bavaria, C=DE'],
    ['CN="Contoso, Ltd"', 'CN="Contoso, Ltd"'],
    ['CN=Contoso\\, Ltd', 'CN="Contoso, Ltd"'],
    ['E=a@b.c, DC=contoso', 'E=a@b.c, DC=contoso'],
    ['OID.1.2.3.4=x', 'OID.1.2.3.4=x'],
    ['CN=Zoë Ünlü', 'CN=Zoë Ünlü'],
  ])('reads %s as %s', (text, shown) => {
    expect(formatName(readAsn1(encodeName(text)))).toBe(shown);
  });

  it.each(['', 'no name', 'XX=a', 'CN=', '=a'])('refuses %j', (text) => {
    expect(() => encodeName(text)).toThrow(Error);
  });

  it('keeps any value when it is quoted', () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: 'grapheme', minLength: 1 })
          .filter((value) => !/[\\"\0]/.test(value) && value.trim() !== ''),
        (value) => {
          const shown = formatName(readAsn1(encodeName(`CN="${value}"`)));
          expect(formatName(readAsn1(encodeName(shown)))).toBe(shown);
          expect(shown.replace(/^CN="?|"?$/g, '')).toBe(value);
        },
      ),
    );
  });
});
