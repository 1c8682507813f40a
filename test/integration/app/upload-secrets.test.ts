/** After uploads of every sort nothing of their secrets is anywhere but in the vault. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems } from '../../support/system/running-system.ts';
import { filesBelow } from '../../support/system/files-below.ts';
import {
  findTraces,
  tracesOfFile,
  tracesOfKey,
  tracesOfPassword,
  type Trace,
} from '../../support/system/traces.ts';
import { ask, settle, uploadForm } from '../../support/system/upload.ts';

jest.setTimeout(300_000);

let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

const PASSWORD = 'märker/of a "password" & 密';

/** A PFX under a password of one's own choice. */
function marked(subject: string) {
  const pfx = makePfx(subject, PASSWORD);
  const file = Buffer.from(pfx.value, 'base64');
  return { ...pfx, file };
}

const tracesOf = ({ file, privateKey }: ReturnType<typeof marked>): readonly Trace[] => [
  ...tracesOfPassword(PASSWORD),
  ...tracesOfFile(file),
  ...tracesOfKey(privateKey),
];

test('an upload, a new version, a roll-back and refusals leave no secret behind', async () => {
  const first = marked('marked.contoso.com');
  const second = marked('marked.contoso.com');
  const fields = { vault: 'contoso-kv', name: 'marked', password: PASSWORD };
  const targets = 'contoso-gw, contoso-gw/workspaces/team-a';
  const uploaded = await uploadForm(app.system, '/certificates', first.file, {
    ...fields,
    targets,
  });
  expect(await settle(app, uploaded)).toMatchObject({ state: 'succeeded' });
  const again = await ask(app.system, '/certificates/contoso-kv/marked', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ file: second.value, password: PASSWORD }),
  });
  expect(await settle(app, again)).toMatchObject({ state: 'succeeded' });
  const back = await ask(app.system, '/certificates/contoso-kv/marked/rollback', {
    method: 'POST',
  });
  expect(await settle(app, back)).toMatchObject({ state: 'succeeded' });

  const refused = [
    await uploadForm(app.system, '/certificates', first.file, {
      ...fields,
      name: 'refused',
      password: `${PASSWORD}!`,
    }),
    await uploadForm(app.system, '/certificates', first.file.subarray(0, 1_500), fields),
    await uploadForm(app.system, '/certificates', first.file, { ...fields, [PASSWORD]: 'x' }),
    await uploadForm(app.system, '/certificates', first.file, { ...fields, vault: PASSWORD }),
    await uploadForm(app.system, '/certificates', first.file, {
      ...fields,
      vault: 'contoso-legacy-kv',
      name: 'not-allowed',
    }),
    await ask(app.system, '/certificates', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"password": ${JSON.stringify(PASSWORD)}, "file": "${first.value}"`,
    }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([422, 422, 400, 400, 502, 400]);
  const accepted = [uploaded, again, back];
  const answers = [...accepted, ...refused.filter((_, at) => at !== 2)].map(({ text }) => text);
  for (const text of answers) expect(text).not.toContain(PASSWORD);

  await app.sync('contoso-kv', 'marked');
  await app.sweep();
  const traces = [...tracesOf(first), ...tracesOf(second)];
  const searched = filesBelow(app.system.stateDir).map((file) => path.basename(file));
  // The logs are there, and the task hub with its write-ahead log.
  expect(searched).toEqual(expect.arrayContaining(['host.log', 'azure.log']));
  expect(searched.some((file) => file.endsWith('-wal'))).toBe(true);
  expect(findTraces(app.system.stateDir, traces)).toEqual([]);
});

test('the search finds what it looks for, in whatever form it is written', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-traces-'));
  try {
    const one = marked('found.contoso.com');
    const write = (name: string, content: string | Uint8Array) => {
      writeFileSync(path.join(folder, name), content);
    };
    write('plain', `the password is ${PASSWORD}`);
    write('wide', Buffer.from(`x${PASSWORD}`, 'utf16le'));
    write('address', `?password=${encodeURIComponent(PASSWORD)}`);
    write('json', JSON.stringify({ PASSWORD }));
    write('base64', Buffer.from(`ab${PASSWORD}cd`).toString('base64'));
    write('file', Buffer.concat([Buffer.from('x'), one.file]));
    write('file in base64', Buffer.concat([Buffer.from('xy'), one.file]).toString('base64'));
    write('key', one.privateKey);
    write('nothing', 'nothing');
    const found = findTraces(folder, tracesOf(one)).map(
      (line) => path.basename(line).split(':')[0],
    );
    expect(new Set(found)).toEqual(
      new Set(['plain', 'wide', 'address', 'json', 'base64', 'file', 'file in base64', 'key']),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
