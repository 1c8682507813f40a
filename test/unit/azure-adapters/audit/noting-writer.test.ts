import { makeNotingWriter } from '../../../../shared/azure/audit/noting-writer.ts';
import { TransientError } from '../../../../shared/domain/errors.ts';
import type { VaultWriter } from '../../../../shared/domain/vault-ports.ts';
import { exportPkcs12, makeAuthorities } from '../../../support/openssl/upload-files.ts';
import { openOpenssl, type Openssl } from '../../../support/openssl/openssl.ts';

const SOURCE = { vault: 'contoso-kv', name: 'gateway-client' };
const THUMBPRINT = 'A'.repeat(40);

let openssl: Openssl;
let whole: Buffer;
let alone: Buffer;
beforeAll(() => {
  openssl = openOpenssl();
  makeAuthorities(openssl);
  whole = exportPkcs12(openssl, 'rsa', '', []);
  openssl.write('chain.pem', openssl.read('intermediate.crt'));
  alone = exportPkcs12(openssl, 'rsa', '', []);
});
afterAll(() => openssl.close());

/** A writer that hands this file out, and takes any. */
function over(pfx: Uint8Array, note = jest.fn(async () => undefined)) {
  const writer: Pick<VaultWriter, 'import' | 'readCurrentPfx'> = {
    readCurrentPfx: async () => ({ pfx, thumbprint: THUMBPRINT, version: 'v2' }),
    import: async () => ({ version: 'v2', thumbprint: THUMBPRINT }),
  };
  // The tests use no more of it than this.
  return { note, writer: makeNotingWriter(writer as VaultWriter, { note }) };
}
const SEEN = { version: 'v2', thumbprint: THUMBPRINT };

describe('A file that passes through', () => {
  test.each([
    ['complete', () => whole],
    ['incomplete', () => alone],
  ])('is noted as having its chain %s, read or imported', async (chain, pfx) => {
    const { note, writer } = over(pfx());
    await expect(writer.readCurrentPfx(SOURCE, SEEN)).resolves.toMatchObject({ version: 'v2' });
    await expect(writer.import(SOURCE, pfx(), {})).resolves.toMatchObject({ version: 'v2' });
    expect(note.mock.calls).toEqual([
      [SOURCE, THUMBPRINT, chain],
      [SOURCE, THUMBPRINT, chain],
    ]);
  });

  test('is handed on as it is when it cannot be opened', async () => {
    const { note, writer } = over(Buffer.from('no file'));
    const { pfx } = await writer.readCurrentPfx(SOURCE, SEEN);
    expect(Buffer.from(pfx).toString()).toBe('no file');
    expect(note).not.toHaveBeenCalled();
  });

  test('is handed on when the note cannot be written', async () => {
    const busy = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });
    const { writer } = over(
      whole,
      jest.fn(async () => Promise.reject(busy)),
    );
    await expect(writer.readCurrentPfx(SOURCE, SEEN)).resolves.toMatchObject({ version: 'v2' });
  });
});
