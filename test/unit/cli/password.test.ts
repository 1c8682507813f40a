import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../cli/exit-codes.ts';
import { makeOutput } from '../../../cli/output.ts';
import { findPassword, type PasswordOptions } from '../../../cli/password.ts';
import { makeFakeIo } from '../../support/fake-io.ts';

const PFX = { name: 'gateway.pfx', bytes: Buffer.from('30820000', 'hex') };
const pem = (label: string) => ({
  name: 'gateway.pem',
  bytes: Buffer.from(`-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`),
});
const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-password-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function find(
  options: PasswordOptions,
  world: Parameters<typeof makeFakeIo>[0] = {},
  file = PFX,
) {
  const io = makeFakeIo(world);
  const output = makeOutput(io, { json: false, color: false });
  const api = { send: () => Promise.reject(new Error('a password asks nothing')) };
  const password = await findPassword({ api, io, output }, options, file);
  return { password, ...io.written };
}

describe('The password of a file', () => {
  const env = { CERTKEEPER_PFX_PASSWORD: 'from env' };

  test('is the first line of a file, byte for byte', async () => {
    const passwordFile = path.join(folder, 'password');
    writeFileSync(passwordFile, ' ünlaut 🔑 \r\nand more\n');
    await expect(find({ passwordFile }, { env })).resolves.toMatchObject({
      password: ' ünlaut 🔑 ',
      stderr: '',
    });
  });

  test('is the first line of stdin', async () => {
    const found = await find({ passwordFile: '-' }, { stdin: 'piped\n' });
    expect(found).toMatchObject({ password: 'piped', stderr: '' });
  });

  test('is in the environment, an empty one too', async () => {
    await expect(find({}, { env, terminal: true })).resolves.toMatchObject({
      password: 'from env',
    });
    const empty = { CERTKEEPER_PFX_PASSWORD: '' };
    await expect(find({}, { env: empty, terminal: true })).resolves.toMatchObject({ password: '' });
  });

  test('is asked for on a terminal, and not shown', async () => {
    const found = await find({}, { terminal: true, typed: 'typed' });
    expect(found.password).toBe('typed');
    expect(found.stderr).toBe('Password of gateway.pfx (empty = none): ');
    await expect(find({}, { terminal: true, typed: '' })).resolves.toMatchObject({
      password: undefined,
    });
  });

  test('is taken from the command line, with a warning that does not repeat it', async () => {
    const found = await find({ password: 'marker' }, { terminal: true });
    expect(found.password).toBe('marker');
    expect(found.stderr).toMatch(/Warning: .*--password-file/);
    expect(found.stderr).not.toContain('marker');
  });

  test('is none where nobody can be asked', async () => {
    await expect(find({})).resolves.toMatchObject({ password: undefined, stderr: '' });
  });

  test('is not asked for when the file has none', async () => {
    const open = pem('PRIVATE KEY');
    await expect(find({}, { terminal: true }, open)).resolves.toMatchObject({ stderr: '' });
    const shut = pem('ENCRYPTED PRIVATE KEY');
    const found = await find({}, { terminal: true, typed: 'typed' }, shut);
    expect(found.password).toBe('typed');
  });

  test.each<[sentence: string, options: PasswordOptions]>([
    ['given twice', { password: 'a', passwordFile: '-' }],
    ['in a file that is not there', { passwordFile: path.join(folder, 'nowhere') }],
  ])('is refused when it is %s', async (_, options) => {
    await expect(find(options)).rejects.toMatchObject({ exitCode: EXIT.usage });
  });
});
