/** The refusals of a file. None of them quotes the file or the password. */
import { TerminalError, type ProblemCode } from '../domain/errors.ts';

/** A refusal with its cure. */
export function refusal(code: ProblemCode, message: string, cure: string): TerminalError {
  return new TerminalError({ code, message, cure });
}

export function unreadable(
  message: string,
  cure = 'Upload a PKCS#12 file (.pfx, .p12), or a PEM file with the private key and its certificates.',
): TerminalError {
  return refusal('FILE_UNREADABLE', message, cure);
}
