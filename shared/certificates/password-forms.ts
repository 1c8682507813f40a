/**
 * A password as bytes. Standards are clear about letters of ASCII; for others writers differ, so a
 * file is tried with each form that is in use, the standard one first.
 */
export interface PasswordForms {
  /** For the derivation of PKCS#12 (RFC 7292 B.1): UTF-16, big end first, two zero bytes at the end. */
  readonly wide: readonly Buffer[];
  /** For PBKDF2 and its like: UTF-8 (RFC 8018 3). */
  readonly narrow: readonly Buffer[];
  /** True when nobody gave a password. */
  readonly empty: boolean;
  /** Wipes them. */
  readonly forget: () => void;
}

const ASCII_ONLY = /^\p{ASCII}*$/u;

export function toPasswordForms(password: string): PasswordForms {
  const utf8 = Buffer.from(password, 'utf8');
  const forms = ASCII_ONLY.test(password)
    ? // Writers differ on the empty password too: two zero bytes, or nothing at all.
      { wide: [toWide(password), ...(password === '' ? [Buffer.alloc(0)] : [])], narrow: [utf8] }
    : {
        // OpenSSL before 1.1 took each byte of UTF-8 for a letter.
        wide: [toWide(password), toWide(utf8.toString('latin1'))],
        narrow: [utf8, Buffer.from(password, 'latin1'), toWide(password)],
      };
  return {
    ...forms,
    empty: password === '',
    forget: () => [...forms.wide, ...forms.narrow].forEach((form) => form.fill(0)),
  };
}

/** UTF-16, big end first, two zero bytes at the end. */
export function toWide(password: string): Buffer {
  return Buffer.from(`${password}\0`, 'utf16le').swap16();
}
