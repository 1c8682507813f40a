import type { Openssl } from './openssl.ts';

/** An authority with its key on the disk of the folder: `{name}.pem`, `{name}.key`, `{name}.der`. */
export interface Authority {
  readonly name: string;
  readonly der: Buffer;
}

const CA = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];

/** Makes a root authority. */
export function makeRoot(
  openssl: Openssl,
  name: string,
  { extensions = CA, more = [] }: { extensions?: readonly string[]; more?: readonly string[] } = {},
): Authority {
  makeKey(openssl, name);
  openssl.run(
    ...['req', '-x509', '-new', '-key', `${name}.key`, '-out', `${name}.pem`, '-days', '3650'],
    ...['-subj', `/O=Contoso/CN=${name}`, '-utf8', ...more],
    ...extensions.flatMap((line) => ['-addext', line]),
  );
  return toAuthority(openssl, name);
}

/** Makes what an authority issues: an intermediate, or with other extensions a leaf. */
export function makeIssued(
  openssl: Openssl,
  issuer: Authority,
  name: string,
  { extensions = CA, more = [] }: { extensions?: readonly string[]; more?: readonly string[] } = {},
): Authority {
  makeKey(openssl, name);
  openssl.run(
    ...[
      'req',
      '-new',
      '-key',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/O=Contoso/CN=${name}`,
    ],
  );
  openssl.write(`${name}.ext`, extensions.join('\n'));
  openssl.run(
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${issuer.name}.pem`],
    ...['-CAkey', `${issuer.name}.key`, '-CAcreateserial', '-out', `${name}.pem`, '-days', '365'],
    ...(extensions.length === 0 ? [] : ['-extfile', `${name}.ext`]),
    ...more,
  );
  return toAuthority(openssl, name);
}

function makeKey(openssl: Openssl, name: string): void {
  openssl.run(
    ...[
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-out',
      `${name}.key`,
    ],
  );
}

function toAuthority(openssl: Openssl, name: string): Authority {
  openssl.run('x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`);
  return { name, der: openssl.read(`${name}.der`) };
}
