import { makeTestCertificate, type TestCertificate } from '../azure/make-pfx.ts';

const YEARS = 20 * 365 * 86_400;
const pool: TestCertificate[] = [];

/** The n-th certificate of a stock that all worlds share: keys and files take their time. */
export async function certificate(number: number): Promise<TestCertificate> {
  const known = pool[number];
  if (known !== undefined) return known;
  const made = await makeTestCertificate(`CN=c${String(number)}`, undefined, {
    from: -86_400,
    to: YEARS,
  });
  pool[number] = made;
  return made;
}

/** Parts of every private key so far, in each form in which it could be written down. */
export function keyMarkers(): readonly string[] {
  return pool.flatMap(({ pfx, pem }) => {
    const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]+)-----END/.exec(pem)?.[1] ?? '';
    const bytes = Buffer.from(key, 'base64');
    const middle = bytes.subarray(36, 66);
    return [
      // From the middle: how a file begins is the same for all.
      pfx.slice(400, 440),
      key.replaceAll(/\s/g, '').slice(48, 88),
      middle.toString('hex'),
      middle.toString('base64').slice(0, 36),
    ];
  });
}
