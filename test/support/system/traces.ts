/** Traces of a secret in files: the secret itself, in every form in which something may write it. */
import { createPrivateKey } from 'node:crypto';
import { readFilesBelow } from './files-below.ts';

/** A part of a secret, and what it is a part of. */
export interface Trace {
  readonly of: string;
  readonly bytes: Buffer;
}

/** Long enough not to come up by chance, short enough to lie within one page of a database. */
const PART = 24;

/** A password as text of any width, in base64, in an address, and escaped in JSON. */
export function tracesOfPassword(password: string): readonly Trace[] {
  const wide = Buffer.from(password, 'utf16le');
  const texts = [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1)];
  return [
    ...[...new Set(texts)].map((text) => Buffer.from(text)),
    wide,
    Buffer.from(wide).swap16(),
    ...inBase64(Buffer.from(password)),
    ...inBase64(wide),
  ].map((bytes) => ({ of: 'the password', bytes }));
}

/** A file as it was uploaded: parts of it from its beginning, its middle and its end. */
export function tracesOfFile(file: Uint8Array): readonly Trace[] {
  const bytes = Buffer.from(file);
  const places = [0.1, 0.3, 0.5, 0.7, 0.9].map((at) => Math.floor(bytes.length * at));
  return places
    .map((at) => bytes.subarray(at, at + PART))
    .flatMap((part) => [part, ...inBase64(part), Buffer.from(part.toString('hex'))])
    .map((one) => ({ of: 'the file', bytes: one }));
}

/** What is private about an RSA key, whatever container it lies in: parts of its numbers. */
export function tracesOfKey(pkcs8: string): readonly Trace[] {
  const key = createPrivateKey({
    key: Buffer.from(pkcs8, 'base64'),
    format: 'der',
    type: 'pkcs8',
  });
  const { d = '', p = '', q = '' } = key.export({ format: 'jwk' });
  return [d, p, q]
    .map((number) => Buffer.from(number, 'base64url').subarray(8, 8 + PART))
    .flatMap((part) => [part, ...inBase64(part), Buffer.from(part.toString('hex'))])
    .map((bytes) => ({ of: 'the private key', bytes }));
}

/** Every file below the folder that holds a trace, with what it is a trace of. */
export function findTraces(folder: string, traces: readonly Trace[]): readonly string[] {
  return readFilesBelow(folder).flatMap(({ file, content }) => {
    const found = traces.filter(({ bytes }) => content.includes(bytes)).map(({ of }) => of);
    return [...new Set(found)].map((of) => `${file}: ${of}`);
  });
}

/** What bytes look like inside a base64 text, wherever they begin in a group of three. */
function inBase64(bytes: Buffer): readonly Buffer[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return Buffer.from(text.slice(shift === 0 ? 0 : 4, -4));
  });
}
