import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The real openssl command line, working in a folder of its own. */
export interface Openssl {
  /** Where its files are, for programs that read them by themselves. */
  readonly folder: string;
  /** Runs a command; answers what it printed. Thrown when it fails: an Error with what it said. */
  readonly run: (...args: readonly string[]) => string;
  /** Runs a command; answers what it said of its work, on the error stream. */
  readonly remarks: (...args: readonly string[]) => string;
  readonly read: (file: string) => Buffer;
  readonly write: (file: string, content: string | Uint8Array) => void;
  readonly close: () => void;
}

export function openOpenssl(): Openssl {
  const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-openssl-'));
  const options = {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // openssl takes a password in the locale's encoding.
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  } as const satisfies Parameters<typeof execFileSync>[2];
  return {
    folder,
    run: (...args) => execFileSync('openssl', args, options).toString(),
    remarks: (...args) => spawnSync('openssl', args, options).stderr.toString(),
    read: (file) => readFileSync(path.join(folder, file)),
    write: (file, content) => writeFileSync(path.join(folder, file), content),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What a self-signed certificate is made with. */
export interface SelfSigned {
  readonly subject?: string;
  /** Arguments of `openssl genpkey`, e.g. `['-algorithm', 'ED25519']`. */
  readonly key?: readonly string[];
  /** Lines of `-addext`. */
  readonly extensions?: readonly string[];
  /** More arguments of `openssl req`, e.g. `['-sha1']`. */
  readonly more?: readonly string[];
}

export const EC_KEY = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'] as const;

/** Makes `key.pem` and `certificate.pem`; answers the certificate in DER. */
export function makeSelfSigned(openssl: Openssl, wanted: SelfSigned = {}): Buffer {
  openssl.run('genpkey', ...(wanted.key ?? EC_KEY), '-out', 'key.pem');
  openssl.run(
    ...['req', '-x509', '-new', '-key', 'key.pem', '-out', 'certificate.pem', '-days', '90'],
    ...['-subj', wanted.subject ?? '/CN=self.contoso.com', '-utf8', ...(wanted.more ?? [])],
    ...(wanted.extensions ?? []).flatMap((line) => ['-addext', line]),
  );
  openssl.run('x509', '-in', 'certificate.pem', '-outform', 'DER', '-out', 'certificate.der');
  return openssl.read('certificate.der');
}
