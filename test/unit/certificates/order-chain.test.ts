/** Chains as they come in files. */
import type * as tls from 'node:tls';
import { readUpload } from '../../../shared/certificates/read-upload.ts';
import { EC_KEY, openOpenssl } from '../../support/openssl/openssl.ts';
import {
  AUTHORITY,
  issue,
  LEAF,
  makeAuthorities,
  makeKey,
} from '../../support/openssl/upload-files.ts';

const mockRoots: string[] = [];
jest.mock('node:tls', () => ({
  ...jest.requireActual<typeof tls>('node:tls'),
  get rootCertificates() {
    return mockRoots;
  },
}));

const openssl = openOpenssl();
makeAuthorities(openssl);
afterAll(() => openssl.close());

const upload = (...names: readonly string[]) =>
  readUpload(Buffer.concat(names.map((name) => openssl.read(name))), undefined);
const read = async (...names: readonly string[]) => {
  const { chain, warnings } = await upload(...names);
  return {
    chain: chain.map(({ subject }) => subject),
    warnings: warnings.map(({ code }) => code),
  };
};

describe('a chain', () => {
  it.each<[string, string[], string[], string[]]>([
    ['is whole with its root', ['intermediate', 'root'], ['intermediate', 'root'], []],
    ['without its root is incomplete', ['intermediate'], ['intermediate'], ['CHAIN_INCOMPLETE']],
    ['without its middle is incomplete', ['root'], [], ['CHAIN_INCOMPLETE', 'CHAIN_OUT_OF_ORDER']],
    ['may be missing', [], [], ['CHAIN_INCOMPLETE']],
    ['is put in order', ['root', 'intermediate'], ['intermediate', 'root'], ['CHAIN_OUT_OF_ORDER']],
    [
      'is kept apart from what does not belong to it',
      ['intermediate', 'p384', 'root'],
      ['intermediate', 'root'],
      ['CHAIN_OUT_OF_ORDER'],
    ],
  ])('%s', async (_, others, chain, warnings) => {
    const files = ['p256.key', 'p256.crt', ...others.map((name) => `${name}.crt`)];
    expect(await read(...files)).toEqual({
      chain: chain.map((name) => `CN=${name}`),
      warnings,
    });
  });

  it('names the issuer that is missing', async () => {
    const { warnings } = await upload('p256.key', 'p256.crt');
    expect(warnings[0]?.message).toBe('The issuer of CN=p256 is not in the file: CN=intermediate.');
  });

  it('is not made with a certificate of the right name that did not sign', async () => {
    makeKey(openssl, 'impostor', EC_KEY);
    issue(openssl, 'impostor', undefined, AUTHORITY, ['-subj', '/CN=intermediate']);
    expect(await read('p256.key', 'p256.crt', 'impostor.crt')).toMatchObject({ chain: [] });
  });

  it('is not made with a certificate that may not issue, though it signed', async () => {
    makeKey(openssl, 'child', EC_KEY);
    issue(openssl, 'child', 'p256', LEAF);
    expect(await read('child.key', 'child.crt', 'p256.crt')).toMatchObject({ chain: [] });
  });

  it('prefers, of two issuers with one key, the one that is valid', async () => {
    issue(openssl, 'root', undefined, AUTHORITY, ['-days', '400']);
    openssl.write('long-root.crt', openssl.read('root.crt'));
    issue(openssl, 'root', undefined, AUTHORITY, ['-days', '80']);
    issue(openssl, 'p521', 'root', LEAF, ['-days', '200']);
    const files = ['p521.key', 'p521.crt', 'root.crt', 'long-root.crt'].map((name) =>
      openssl.read(name),
    );

    const later = new Date(Date.now() + 100 * 86_400_000);
    const { chain, warnings } = await readUpload(Buffer.concat(files), undefined, later);

    expect(Date.parse(chain[0]?.notAfter ?? '')).toBeGreaterThan(later.getTime());
    expect(warnings.map(({ code }) => code)).toEqual(['CHAIN_OUT_OF_ORDER']);
    const [key, leaf, short] = files;
    const without = await readUpload(
      Buffer.concat([key, leaf, short].flatMap((file) => file ?? [])),
      undefined,
      later,
    );
    expect(without.warnings[0]).toMatchObject({
      code: 'CHAIN_INCOMPLETE',
      message: "The chain's certificate CN=root is not valid now.",
    });
  });

  it('is whole without a root when that is publicly known', async () => {
    makeKey(openssl, 'public', EC_KEY);
    issue(openssl, 'public', undefined, AUTHORITY);
    makeKey(openssl, 'site', EC_KEY);
    issue(openssl, 'site', 'public', LEAF);
    mockRoots.push(openssl.read('public.crt').toString());
    jest.resetModules();
    const fresh = await import('../../../shared/certificates/read-upload.ts');

    const file = Buffer.concat([openssl.read('site.key'), openssl.read('site.crt')]);

    expect(await fresh.readUpload(file, undefined)).toMatchObject({ chain: [], warnings: [] });
  });

  it('of one is whole when the certificate signed itself', async () => {
    makeKey(openssl, 'alone', EC_KEY);
    issue(openssl, 'alone', undefined, ['keyUsage=digitalSignature']);
    expect(await read('alone.key', 'alone.crt')).toEqual({ chain: [], warnings: [] });
  });
});
