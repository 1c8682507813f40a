import { X509Certificate } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Problem } from '../domain/errors.ts';
import type { CaFile, JudgedCa } from '../domain/ca-file.ts';
import { Collection } from './file-contents.ts';
import { judgeCa } from './judge-ca.ts';
import { LIMITS, makeBudget } from './limits.ts';
import { openFile } from './open-file.ts';
import { toPasswordForms } from './password-forms.ts';
import { readLooks } from './read-looks.ts';
import { passwordTooLong, refusal, tooLarge } from './upload-problems.ts';

/**
 * Reads a file of CA certificates: one certificate in DER or PEM (`.cer`, `.crt`, `.der`), several in
 * PEM, a PKCS#7 bundle (`.p7b`), or a PKCS#12 with its password. Only public certificates come out of
 * it. A private key is neither decrypted nor kept, and that it was there is said.
 *
 * Each certificate is judged for itself: a bundle often holds one that is no authority among others
 * that are. What it costs is bounded as by `readUpload`.
 *
 * Thrown when the file as a whole is refused: a TerminalError with `FILE_UNREADABLE`,
 * `FILE_TOO_LARGE`, `FILE_TOO_COSTLY`, `PASSWORD_WRONG` or `CERTIFICATE_MISSING`.
 *
 * @param bytes the file, decoded from whatever carried it; not changed
 * @param password the file's; undefined and empty mean the same
 * @param now what validity is judged by
 */
export async function readCaUpload(
  bytes: Uint8Array,
  password: string | undefined,
  now = new Date(),
): Promise<CaFile> {
  if (bytes.byteLength > LIMITS.fileBytes) throw tooLarge();
  if (password !== undefined && password.length > LIMITS.password) throw passwordTooLong();
  const passwords = toPasswordForms(password ?? '');
  const found = new Collection();
  try {
    // A copy: what is passed over in it is wiped.
    const file = Buffer.from(bytes);
    await openFile(file, { passwords, budget: makeBudget(), withoutKeys: true }, found);
  } finally {
    passwords.forget();
  }
  if (found.certificates.length === 0) throw nothing(found.keysLeft > 0);
  const certificates: JudgedCa[] = [];
  const seen = new Set<string>();
  let repeated = 0;
  for (const der of found.certificates) {
    const looks = readLooks(der);
    if (seen.has(looks.thumbprint)) {
      repeated += 1;
      continue;
    }
    seen.add(looks.thumbprint);
    // Each may take a signature check; others get their turn between them.
    await setImmediate();
    certificates.push({ der, looks, ...judgeCa(new X509Certificate(der), looks, now) });
  }
  return { certificates, repeated, warnings: found.keysLeft > 0 ? [keyDropped(found)] : [] };
}

function keyDropped({ keysLeft }: Collection): Problem {
  return {
    code: 'PRIVATE_KEY_DROPPED',
    message:
      keysLeft === 1
        ? 'The file holds a private key; it was dropped unread.'
        : `The file holds ${String(keysLeft)} private keys; they were dropped unread.`,
    cure: 'Nothing is needed here. Keep the key of an authority out of files that are sent around.',
  };
}

function nothing(hasKey: boolean): Error {
  return refusal(
    'CERTIFICATE_MISSING',
    hasKey ? 'The file holds a private key, but no certificate.' : 'The file holds no certificate.',
    'Upload the certificates of the authorities: .cer, .crt, .der, .pem, .p7b or .pfx.',
  );
}
