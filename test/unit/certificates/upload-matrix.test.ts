/** Every kind of file that openssl makes, read; the files are made when the test runs. */
import { readUpload } from '../../../shared/certificates/read-upload.ts';
import { openOpenssl } from '../../support/openssl/openssl.ts';
import { makeAuthorities, makeUploadFiles } from '../../support/openssl/upload-files.ts';

const openssl = openOpenssl();
makeAuthorities(openssl);
const files = makeUploadFiles(openssl);
afterAll(() => openssl.close());

describe('files that openssl makes', () => {
  it.each(files.map((file) => [file.kind, file] as const))('reads %s', async (_, file) => {
    const before = Buffer.from(file.bytes);

    const uploaded = await readUpload(file.bytes, file.password);

    expect(uploaded.leaf.thumbprint).toBe(file.thumbprint);
    expect(uploaded.leaf.sans).toEqual(['api.contoso.com']);
    expect(uploaded.chain.map(({ subject }) => subject)).toEqual(['CN=intermediate', 'CN=root']);
    expect(uploaded.warnings.map(({ code }) => code)).toEqual(
      file.kind.includes('chain first') ? ['CHAIN_OUT_OF_ORDER'] : [],
    );
    expect(file.bytes.equals(before)).toBe(true);
  });
});
