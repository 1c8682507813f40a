import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Collection } from './file-contents.ts';
import { makeBudget } from './limits.ts';
import { openFile } from './open-file.ts';
import { toPasswordForms } from './password-forms.ts';
import { certificateMissing, keyMissing } from './upload-problems.ts';

/** A private key and the certificate that belongs to it. */
export interface KeyAndCertificate {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

/**
 * Opens a PKCS#12 without password as Key Vault hands it out. Buffers that held the key are wiped;
 * what is answered must not leave the invocation that asked for it.
 *
 * Thrown when it holds no key with its certificate: TerminalError.
 */
export async function openOwnPfx(pfx: Uint8Array): Promise<KeyAndCertificate> {
  const passwords = toPasswordForms('');
  const found = new Collection();
  try {
    await openFile(Buffer.from(pfx), { passwords, budget: makeBudget() }, found);
    const [bytes] = found.keys;
    if (bytes === undefined) throw keyMissing();
    const key = createPrivateKey({ key: bytes.der, format: 'der', type: bytes.format });
    const certificate = found.certificates
      .map((der) => new X509Certificate(der))
      .find((one) => one.checkPrivateKey(key));
    if (certificate === undefined) throw certificateMissing();
    return { key, certificate };
  } finally {
    passwords.forget();
    found.forget();
  }
}
