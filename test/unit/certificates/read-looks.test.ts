import fc from 'fast-check';
import { readLooks } from '../../../shared/certificates/read-looks.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import {
  EC_KEY,
  makeSelfSigned,
  openOpenssl,
  type Openssl,
  type SelfSigned,
} from '../../support/openssl/openssl.ts';

let openssl: Openssl;
beforeAll(() => {
  openssl = openOpenssl();
});
afterAll(() => openssl.close());

const looksOf = (wanted: SelfSigned) => readLooks(makeSelfSigned(openssl, wanted));

describe('what a certificate says of itself', () => {
  it('is told in plain values', () => {
    const der = makeSelfSigned(openssl, {
      subject: '/C=DE/O=Contoso, Ltd/CN=api.contoso.com',
      key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
      extensions: [
        'subjectAltName=DNS:api.contoso.com,DNS:*.contoso.com,IP:10.0.0.1,IP:2001:db8::1,email:ops@contoso.com,URI:urn:api,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:ops@contoso.com,otherName:1.2.3.4;UTF8:x,RID:1.2.3',
        'keyUsage=critical,digitalSignature,keyEncipherment',
        'extendedKeyUsage=serverAuth,clientAuth,1.2.3.4.5',
      ],
    });

    const printed = openssl.run(
      ...['x509', '-in', 'certificate.pem', '-noout', '-serial', '-fingerprint', '-sha1'],
    );
    const [serial, print] = printed.split('\n').map((line) => line.split('=')[1]);
    const dates = openssl.run('x509', '-in', 'certificate.pem', '-noout', '-dates').split('\n');
    const [notBefore, notAfter] = dates.map((line) => line.split('=')[1] ?? '');
    expect(readLooks(der)).toEqual({
      subject: 'C=DE, O=Contoso\\, Ltd, CN=api.contoso.com',
      issuer: 'C=DE, O=Contoso\\, Ltd, CN=api.contoso.com',
      sans: [
        'api.contoso.com',
        '*.contoso.com',
        'IP:10.0.0.1',
        'IP:2001:db8::1',
        'email:ops@contoso.com',
        'URI:urn:api',
        'UPN:ops@contoso.com',
        'other:1.2.3.4',
        'RID:1.2.3',
      ],
      serialNumber: serial,
      thumbprint: print?.replaceAll(':', ''),
      notBefore: new Date(notBefore ?? '').toISOString(),
      notAfter: new Date(notAfter ?? '').toISOString(),
      keyType: 'RSA',
      keySize: 2048,
      signatureAlgorithm: 'sha256WithRSAEncryption',
      keyUsage: ['digitalSignature', 'keyEncipherment'],
      extendedKeyUsage: ['serverAuth', 'clientAuth', '1.2.3.4.5'],
    });
  });

  it.each([
    ['P-256', 'P-256', 256],
    ['P-384', 'P-384', 384],
    ['P-521', 'P-521', 521],
    ['secp256k1', 'P-256K', 256],
    ['secp224r1', 'secp224r1', 224],
    ['brainpoolP320r1', 'brainpoolP320r1', 320],
  ])('names the curve %s', (made, curve, keySize) => {
    const key = ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${made}`];
    expect(looksOf({ key })).toMatchObject({ keyType: 'EC', curve, keySize });
  });

  it.each([
    ['ED25519', 'Ed25519'],
    ['ED448', 'Ed448'],
    ['RSA-PSS', 'RSA-PSS'],
  ])('names the key type %s', (algorithm, keyType) => {
    expect(looksOf({ key: ['-algorithm', algorithm] })).toMatchObject({ keyType });
  });

  const rsa = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
  it.each([
    ['SHA-1 with RSA', rsa, ['-sha1'], 'sha1WithRSAEncryption'],
    ['MD5 with RSA', rsa, ['-md5'], 'md5WithRSAEncryption'],
    ['SHA-384 with ECDSA', EC_KEY, ['-sha384'], 'ecdsa-with-SHA384'],
    ['PSS', rsa, ['-sha512', '-sigopt', 'rsa_padding_mode:pss'], 'RSASSA-PSS with SHA512'],
    ['PSS by default', rsa, ['-sha1', '-sigopt', 'rsa_padding_mode:pss'], 'RSASSA-PSS with SHA1'],
    ['Ed25519', ['-algorithm', 'ED25519'], [], 'Ed25519'],
  ])('names the signature: %s', (_, key, more, signatureAlgorithm) => {
    expect(looksOf({ key, more })).toMatchObject({ signatureAlgorithm });
  });

  it('is empty where the certificate says nothing', () => {
    expect(looksOf({ subject: '/' })).toMatchObject({
      ...{ subject: '', issuer: '', sans: [], keyUsage: [], extendedKeyUsage: [] },
    });
  });

  it('keeps control characters off the terminals of its readers', () => {
    const escape = String.fromCharCode(27);
    const looks = looksOf({
      subject: `/CN=a${escape}[2J`,
      extensions: [`subjectAltName=email:a${escape}[2J`],
    });
    expect(JSON.stringify(looks)).not.toContain('\\u001b');
    expect(looks.sans).toEqual(['email:a\\x1b[2J']);
  });

  it('is refused as unreadable, and in no other way, when the bytes are damaged', () => {
    const whole = makeSelfSigned(openssl, {
      extensions: ['subjectAltName=DNS:a.b,IP:::1', 'keyUsage=digitalSignature'],
    });
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
      fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
        const copy = Buffer.from(whole);
        copy[at] = byte;
        return copy;
      }),
    );
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          readLooks(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TerminalError);
          expect((error as TerminalError).problem.code).toBe('FILE_UNREADABLE');
        }
      }),
      { numRuns: 2000 },
    );
  });
});
