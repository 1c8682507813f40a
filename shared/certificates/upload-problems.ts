/** The refusals of a file. None of them quotes the file or the password. */
import { TerminalError, type ProblemCode } from '../domain/errors.ts';
import { LIMITS } from './limits.ts';
import type { PasswordForms } from './password-forms.ts';

const thousands = (count: number): string => count.toLocaleString('en-US');

export function unreadable(
  message: string,
  cure = 'Upload a PKCS#12 file (.pfx, .p12), or a PEM file with the private key and its certificates.',
): TerminalError {
  return refusal('FILE_UNREADABLE', message, cure);
}

export function tooLarge(): TerminalError {
  return refusal(
    'FILE_TOO_LARGE',
    `The file is larger than ${String(LIMITS.fileBytes / 1024)} KiB.`,
    'Upload one certificate with its key and its chain, nothing else.',
  );
}

export function tooCostly(): TerminalError {
  return refusal(
    'FILE_TOO_COSTLY',
    'Opening the file would cost too much: its iteration counts are too high, or it holds too much.',
    `Write it anew with at most ${thousands(LIMITS.iterations)} iterations (openssl pkcs12 -export -iter 2048), one key and at most ${String(LIMITS.certificates)} certificates.`,
  );
}

export function passwordWrong(passwords: PasswordForms): TerminalError {
  return passwords.empty
    ? refusal(
        'PASSWORD_WRONG',
        'The file needs a password.',
        'Send the password that the file was written with.',
      )
    : refusal(
        'PASSWORD_WRONG',
        'The password does not open the file, or the file is damaged.',
        'Send the password that the file was written with; one password must open all of it.',
      );
}

export function passwordTooLong(): TerminalError {
  return refusal(
    'PASSWORD_WRONG',
    `The password is longer than ${thousands(LIMITS.password)} characters.`,
    'Send the password that the file was written with.',
  );
}

export function keyMissing(): TerminalError {
  return refusal(
    'PRIVATE_KEY_MISSING',
    'The file holds no private key.',
    'Upload a file that holds the private key as well, e.g. a .pfx exported with its key.',
  );
}

export function certificateMissing(): TerminalError {
  return refusal(
    'CERTIFICATE_MISSING',
    'The file holds a private key, but no certificate.',
    'Upload the key and its certificate in one file.',
  );
}

export function severalKeys(): TerminalError {
  return refusal(
    'PRIVATE_KEYS_SEVERAL',
    'The file holds several private keys.',
    'Upload a file with one private key, its certificate and the chain.',
  );
}

export function keyMismatch(): TerminalError {
  return refusal(
    'PRIVATE_KEY_MISMATCH',
    'The private key does not belong to any certificate in the file.',
    'Put the key and the certificate that was issued for it into one file.',
  );
}

export function keyTypeUnsupported(kind: string): TerminalError {
  return refusal(
    'KEY_TYPE_UNSUPPORTED',
    `The private key is ${kind}, which Key Vault and API Management cannot use.`,
    'Use a certificate with an RSA key, or an elliptic one on P-256, P-384 or P-521.',
  );
}

/** A refusal with its cure. */
export function refusal(code: ProblemCode, message: string, cure: string): TerminalError {
  return new TerminalError({ code, message, cure });
}
