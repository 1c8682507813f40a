import type { Budget } from './limits.ts';
import { CostlyError } from './ber.ts';
import { LIMITS } from './limits.ts';
import type { PasswordForms } from './password-forms.ts';

/** A private key as a file held it. */
export interface KeyBytes {
  readonly format: 'pkcs1' | 'pkcs8' | 'sec1';
  /** DER. Secret: wiped once it is used. */
  readonly der: Buffer;
}

/** What was in a file, in its order, unjudged. */
export interface FileContents {
  readonly keys: readonly KeyBytes[];
  /** DER. */
  readonly certificates: readonly Buffer[];
}

/** What readers of files need besides the file. */
export interface Opening {
  readonly passwords: PasswordForms;
  readonly budget: Budget;
  /** Only the certificates are wanted: keys are counted, and neither decrypted nor kept. */
  readonly withoutKeys?: true;
}

/** Gathers what is found, and bounds it. */
export class Collection implements FileContents {
  readonly keys: KeyBytes[] = [];
  readonly certificates: Buffer[] = [];
  /** Keys that were passed over. */
  keysLeft = 0;

  addKey(key: KeyBytes): void {
    this.keys.push(key);
    if (this.keys.length > LIMITS.keys) throw new CostlyError('too many private keys');
    if (key.der.length > LIMITS.keyBytes) throw new CostlyError('a private key is too long');
  }

  /** A key that nobody wants: it was not decrypted, and is not kept. */
  leaveKey(): void {
    this.keysLeft += 1;
    if (this.keysLeft > LIMITS.keys) throw new CostlyError('too many private keys');
  }

  addCertificate(der: Buffer): void {
    this.certificates.push(der);
    if (this.certificates.length > LIMITS.certificates) {
      throw new CostlyError('too many certificates');
    }
  }

  /** Wipes the keys. */
  forget(): void {
    for (const { der } of this.keys) der.fill(0);
  }
}
