/**
 * Files as people upload them, made with the real openssl command line: every kind of container and
 * protection, around a chain of root, intermediate and leaf.
 */
import { EC_KEY, type Openssl } from './openssl.ts';

export interface UploadFile {
  readonly kind: string;
  readonly bytes: Buffer;
  readonly password: string | undefined;
  /** Of the certificate that the key belongs to: SHA-1, 40 upper-case hex digits. */
  readonly thumbprint: string;
}

export const RSA_KEY = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] as const;
export const curve = (name: string): readonly string[] => [
  ...['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`],
];

const PASSWORD = 'correct horse';
const NON_ASCII = 'pässwörd-Ω-密-😀';

/** Makes a private key: `{name}.key`. */
export function makeKey(openssl: Openssl, name: string, key: readonly string[]): void {
  openssl.run('genpkey', ...key, '-out', `${name}.key`);
}

/** Issues `{name}.crt` for `{name}.key`, signed by `{issuer}` or by itself. */
export function issue(
  openssl: Openssl,
  name: string,
  issuer: string | undefined,
  extensions: readonly string[],
  more: readonly string[] = [],
): void {
  openssl.write(`${name}.ext`, extensions.join('\n'));
  openssl.run('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
  openssl.run(
    ...['x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, '-days', '90'],
    ...['-extfile', `${name}.ext`, ...more],
    ...(issuer === undefined
      ? ['-signkey', `${name}.key`]
      : ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-CAcreateserial']),
  );
}

export const AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign'];
export const LEAF = ['subjectAltName=DNS:api.contoso.com', 'extendedKeyUsage=clientAuth'];

/** Makes root, intermediate, and a leaf for each kind of key: `rsa`, `p256`, `p384`, `p521`. */
export function makeAuthorities(openssl: Openssl): void {
  makeKey(openssl, 'root', EC_KEY);
  issue(openssl, 'root', undefined, AUTHORITY);
  makeKey(openssl, 'intermediate', EC_KEY);
  issue(openssl, 'intermediate', 'root', AUTHORITY);
  const keys = { rsa: RSA_KEY, p256: EC_KEY, p384: curve('P-384'), p521: curve('P-521') };
  for (const [name, key] of Object.entries(keys)) {
    makeKey(openssl, name, key);
    issue(openssl, name, 'intermediate', LEAF);
  }
  openssl.write(
    'chain.pem',
    Buffer.concat([openssl.read('intermediate.crt'), openssl.read('root.crt')]),
  );
}

/** SHA-1 of `{name}.crt` as the command line says it. */
export function thumbprintOf(openssl: Openssl, name: string): string {
  const printed = openssl.run('x509', '-in', `${name}.crt`, '-noout', '-fingerprint', '-sha1');
  return (printed.trim().split('=')[1] ?? '').replaceAll(':', '');
}

/** Exports a PKCS#12 file of a leaf with its chain. */
export function exportPkcs12(
  openssl: Openssl,
  name: string,
  password: string,
  more: readonly string[],
): Buffer {
  openssl.run(
    ...['pkcs12', '-export', '-inkey', `${name}.key`, '-in', `${name}.crt`],
    ...['-certfile', 'chain.pem', '-out', 'made.p12', '-passout', `pass:${password}`, ...more],
  );
  return openssl.read('made.p12');
}

/** PKCS#12 by what it is protected with; the arguments of `openssl pkcs12 -export`. */
const PROTECTIONS: Readonly<Record<string, readonly string[]>> = {
  'as openssl 3 makes it': [],
  'legacy, RC2-40 and 3DES': ['-legacy'],
  'legacy, RC2-128': ['-legacy', '-keypbe', 'PBE-SHA1-RC2-128', '-certpbe', 'PBE-SHA1-RC2-128'],
  'legacy, RC4-128': ['-legacy', '-keypbe', 'PBE-SHA1-RC4-128', '-certpbe', 'PBE-SHA1-RC4-128'],
  'legacy, RC4-40': ['-legacy', '-keypbe', 'PBE-SHA1-RC4-40', '-certpbe', 'PBE-SHA1-RC4-40'],
  '3DES, as Windows makes it': [
    ...['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
  ],
  '3DES with two keys': ['-keypbe', 'PBE-SHA1-2DES', '-certpbe', 'PBE-SHA1-2DES'],
  'AES-128': ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC'],
  'AES-192': ['-keypbe', 'AES-192-CBC', '-certpbe', 'AES-192-CBC'],
  'PBES2 with 3DES': ['-keypbe', 'DES-EDE3-CBC', '-certpbe', 'DES-EDE3-CBC'],
  'Camellia-256': ['-keypbe', 'CAMELLIA-256-CBC', '-certpbe', 'CAMELLIA-256-CBC'],
  'Camellia-128 and 192': ['-keypbe', 'CAMELLIA-128-CBC', '-certpbe', 'CAMELLIA-192-CBC'],
  'ARIA-256': ['-keypbe', 'ARIA-256-CBC', '-certpbe', 'ARIA-256-CBC'],
  'ARIA-128 and 192': ['-keypbe', 'ARIA-128-CBC', '-certpbe', 'ARIA-192-CBC'],
  'PBES2 with DES': ['-legacy', '-keypbe', 'DES-CBC', '-certpbe', 'DES-CBC'],
  'PBES2 with RC2': ['-legacy', '-keypbe', 'RC2-CBC', '-certpbe', 'RC2-40-CBC'],
  'PBES2 with RC2-64': ['-legacy', '-keypbe', 'RC2-64-CBC', '-certpbe', 'RC2-64-CBC'],
  'a MAC with SHA-384': ['-macalg', 'sha384'],
  'a MAC with SHA-512': ['-macalg', 'sha512'],
  'a MAC with MD5': ['-macalg', 'md5'],
  'one iteration': ['-noiter', '-nomaciter'],
  '100,000 iterations': ['-iter', '100000'],
  'no MAC': ['-nomac'],
  'no MAC, legacy': ['-nomac', '-legacy'],
  'certificates in the open': ['-certpbe', 'NONE'],
  'key in the open': ['-keypbe', 'NONE'],
  'nothing hidden': ['-keypbe', 'NONE', '-certpbe', 'NONE'],
  'nothing hidden, no MAC': ['-keypbe', 'NONE', '-certpbe', 'NONE', '-nomac'],
  'a name in it': ['-name', 'api – Contoso', '-caname', 'one', '-caname', 'two'],
};

/** Private keys in PEM: a name, and the commands' arguments that make `made.key` of `{leaf}.key`. */
const PEM_KEYS: readonly (readonly [string, string, readonly string[]])[] = [
  ['PKCS#8', 'rsa', ['pkey']],
  ['PKCS#8, EC', 'p256', ['pkey']],
  ['PKCS#1', 'rsa', ['rsa', '-traditional']],
  ['SEC1', 'p384', ['ec']],
  ['PKCS#8, AES-256', 'rsa', ['pkcs8', '-topk8']],
  [
    'PKCS#8, AES-128 with SHA-512',
    'p256',
    ['pkcs8', '-topk8', '-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA512'],
  ],
  ['PKCS#8, 3DES', 'p256', ['pkcs8', '-topk8', '-v2', 'des3']],
  ['PKCS#8, scrypt', 'p256', ['pkcs8', '-topk8', '-scrypt']],
  ['PKCS#8, PBE of PKCS#12', 'p256', ['pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES']],
  [
    'PKCS#8, MD5 and DES',
    'p256',
    ['pkcs8', '-topk8', '-v1', 'PBE-MD5-DES', '-provider', 'legacy', '-provider', 'default'],
  ],
  [
    'PKCS#8, SHA-1 and RC2-64',
    'p256',
    ['pkcs8', '-topk8', '-v1', 'PBE-SHA1-RC2-64', '-provider', 'legacy', '-provider', 'default'],
  ],
  ['PKCS#1, DEK-Info AES-256', 'rsa', ['rsa', '-traditional', '-aes256']],
  ['PKCS#1, DEK-Info 3DES', 'rsa', ['rsa', '-traditional', '-des3']],
  [
    'PKCS#1, DEK-Info DES',
    'rsa',
    ['rsa', '-traditional', '-des', '-provider', 'legacy', '-provider', 'default'],
  ],
  ['SEC1, DEK-Info AES-128', 'p521', ['ec', '-aes128']],
];

/** Makes them all. Needs `makeAuthorities`. */
export function makeUploadFiles(openssl: Openssl): readonly UploadFile[] {
  const files: UploadFile[] = [];
  const thumbprints = Object.fromEntries(
    ['rsa', 'p256', 'p384', 'p521'].map((name) => [name, thumbprintOf(openssl, name)]),
  );
  const add = (kind: string, leaf: string, password: string | undefined, bytes: Buffer) =>
    files.push({ kind, bytes, password, thumbprint: thumbprints[leaf] ?? '' });

  for (const [protection, more] of Object.entries(PROTECTIONS)) {
    const bytes = exportPkcs12(openssl, 'rsa', PASSWORD, more);
    add(`PKCS#12: ${protection}`, 'rsa', PASSWORD, bytes);
  }
  for (const leaf of ['p256', 'p384', 'p521']) {
    add(`PKCS#12: ${leaf}`, leaf, PASSWORD, exportPkcs12(openssl, leaf, PASSWORD, []));
    add(
      `PKCS#12: ${leaf}, legacy`,
      leaf,
      PASSWORD,
      exportPkcs12(openssl, leaf, PASSWORD, ['-legacy']),
    );
  }
  for (const [how, more] of Object.entries({
    modern: [],
    legacy: ['-legacy'],
    'no MAC': ['-nomac'],
  })) {
    add(`PKCS#12: no password, ${how}`, 'p256', undefined, exportPkcs12(openssl, 'p256', '', more));
    add(`PKCS#12: empty password, ${how}`, 'p256', '', exportPkcs12(openssl, 'p256', '', more));
    add(
      `PKCS#12: non-ASCII password, ${how}`,
      'p256',
      NON_ASCII,
      exportPkcs12(openssl, 'p256', NON_ASCII, more),
    );
  }
  const modern = exportPkcs12(openssl, 'rsa', PASSWORD, []);
  add('PKCS#12: in base64', 'rsa', PASSWORD, Buffer.from(modern.toString('base64')));

  const chain = openssl.read('chain.pem');
  for (const [kind, leaf, command] of PEM_KEYS) {
    openssl.run(
      ...command,
      '-in',
      `${leaf}.key`,
      '-out',
      'made.key',
      '-passout',
      `pass:${PASSWORD}`,
    );
    const certificate = openssl.read(`${leaf}.crt`);
    const bytes = Buffer.concat([openssl.read('made.key'), certificate, chain]);
    add(`PEM: ${kind}`, leaf, PASSWORD, bytes);
  }
  const key = openssl.read('p256.key').toString();
  const certificate = openssl.read('p256.crt').toString();
  const parameters = openssl.run('ecparam', '-name', 'P-256');
  const shapes = {
    'key last': certificate + chain.toString() + key,
    'key between, chain first': chain.toString() + key + certificate,
    'EC parameters': parameters + key + certificate + chain.toString(),
    'text between': openssl.run(
      'pkcs12',
      '-in',
      'made.p12',
      '-passin',
      `pass:${PASSWORD}`,
      '-nodes',
    ),
    'printed certificates':
      key + openssl.run('x509', '-in', 'p256.crt', '-text') + chain.toString(),
    'trusted certificate':
      key +
      openssl.run('x509', '-in', 'p256.crt', '-trustout', '-addtrust', 'clientAuth') +
      chain.toString(),
    'carriage returns': (key + certificate + chain.toString()).replaceAll('\n', '\r\n'),
    'a byte order mark': `\uFEFF${key}${certificate}${chain.toString()}`,
  };
  for (const [kind, text] of Object.entries(shapes)) {
    const leaf = kind === 'text between' ? 'rsa' : 'p256';
    add(`PEM: ${kind}`, leaf, undefined, Buffer.from(text));
  }
  const wide = `\uFEFF${key}${certificate}${chain.toString()}`;
  add('PEM: in UTF-16', 'p256', undefined, Buffer.from(wide, 'utf16le'));
  return files;
}
