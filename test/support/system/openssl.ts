import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Makes a self-signed certificate and its PFX with the openssl command line, at run time.
 * @param password a random one when it is left out
 * @param options `days`: how long it is valid
 * @returns the PFX in base64, its password and key, and the SHA-1 thumbprint, upper-case hex
 */
export function makePfx(
  subject: string,
  password = `p-${Math.random().toString(36).slice(2)}`,
  { days = 90 }: { readonly days?: number } = {},
): {
  readonly value: string;
  readonly password: string;
  readonly thumbprint: string;
  /** PKCS#8 DER in base64, on one line. */
  readonly privateKey: string;
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-pfx-'));
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // openssl takes a password in the locale's encoding.
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    }).toString();
  try {
    openssl(
      ...[
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        String(days),
        '-subj',
        `/CN=${subject}`,
      ],
      ...['-keyout', 'key.pem', '-out', 'cert.pem'],
    );
    openssl(
      ...['pkcs12', '-export', '-inkey', 'key.pem', '-in', 'cert.pem', '-out', 'bundle.pfx'],
      ...['-passout', `pass:${password}`],
    );
    const pem = readFileSync(path.join(folder, 'key.pem'), 'utf8');
    const print = openssl('x509', '-in', 'cert.pem', '-noout', '-fingerprint', '-sha1');
    return {
      value: readFileSync(path.join(folder, 'bundle.pfx')).toString('base64'),
      password,
      privateKey: pem.replaceAll(/-----[^-]+-----|\s/g, ''),
      thumbprint: (print.split('=')[1] ?? '').trim().replaceAll(':', ''),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
