/** What reading an uploaded file costs, and for how long it keeps other requests waiting. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  explicit,
  integer,
  nullValue,
  objectId,
  octetString,
  sequence,
} from '../shared/certificates/der-write.ts';
import { readUpload } from '../shared/certificates/read-upload.ts';
import { TerminalError } from '../shared/domain/errors.ts';
import { count, ms, percentile, printFigures, progress, ratio } from './print.ts';

const READS = 40;
const PASSWORD = 'bench';

/** `openssl pkcs12 -export` with these makes the kinds that are met most, and the costliest. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'AES-256, openssl 3': [],
  '3DES, Windows': ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
  'RC2 and 3DES, legacy': ['-legacy'],
  '600,000 iterations': ['-iter', '600000'],
};

/** Prints, for each kind of file, the time to read it and the longest wait of others. */
export async function benchUpload(folder: string): Promise<void> {
  const files = makeFiles(path.join(folder, 'upload'));
  const figures = [];
  for (const [what, file] of Object.entries(files)) {
    progress(`Reading ${what} …`);
    const reads = what.includes('iterations') ? 3 : READS;
    const times: number[] = [];
    const waits: number[] = [];
    for (let read = 0; read < reads; read += 1) {
      const { took, longestWait } = await readOnce(file);
      times.push(took);
      waits.push(longestWait);
    }
    const middle = percentile(times, 0.5);
    const wait = percentile(waits, 0.5);
    figures.push({
      what,
      value: ms(middle),
      note: `others wait ${ms(wait)} at most, ${ratio(wait, middle)} of it`,
    });
  }
  progress('');
  printFigures(`Reading an uploaded file (median of ${count(READS)}, few for the costly)`, figures);
}

/** One reading, beside a loop that notices for how long it does not get its turn. */
async function readOnce(file: Buffer): Promise<{ took: number; longestWait: number }> {
  const start = performance.now();
  let last = start;
  let longestWait = 0;
  const done = readUpload(file, PASSWORD).then(
    () => true,
    (error: unknown) => {
      if (error instanceof TerminalError && error.problem.code === 'FILE_TOO_COSTLY') return true;
      throw error;
    },
  );
  const notice = () => {
    const now = performance.now();
    longestWait = Math.max(longestWait, now - last);
    last = now;
  };
  notice();
  while (!(await Promise.race([done, setImmediate(false)]))) notice();
  notice();
  return { took: performance.now() - start, longestWait };
}

function makeFiles(folder: string): Readonly<Record<string, Buffer>> {
  mkdirSync(folder);
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  openssl(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=bench'],
    ...['-keyout', 'key.pem', '-out', 'certificate.pem'],
  );
  const read = (name: string) => readFileSync(path.join(folder, name));
  const files: Record<string, Buffer> = {
    PEM: Buffer.concat([read('key.pem'), read('certificate.pem')]),
  };
  for (const [kind, more] of Object.entries(KINDS)) {
    openssl(
      ...['pkcs12', '-export', '-inkey', 'key.pem', '-in', 'certificate.pem', '-out', 'made.p12'],
      ...['-passout', `pass:${PASSWORD}`, ...more],
    );
    files[kind] = read('made.p12');
  }
  return { ...files, 'refused: 10 million': makeHostile() };
}

/** A PKCS#12 file whose integrity check asks for ten million iterations. */
function makeHostile(): Buffer {
  const data = sequence(objectId('1.2.840.113549.1.7.1'), explicit(0, octetString(sequence())));
  const digest = sequence(
    sequence(objectId('2.16.840.1.101.3.4.2.1'), nullValue()),
    octetString(Buffer.alloc(32)),
  );
  return sequence(
    integer(3),
    data,
    sequence(digest, octetString(Buffer.alloc(8)), integer(10_000_000)),
  );
}
