import { HttpRequest } from '@azure/functions';
import fc from 'fast-check';
import {
  LARGEST_BODY,
  readUploadForm,
  type UploadForm,
} from '../../../functions/triggers/uploads/upload-form.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { RequestError } from '../../../shared/http/request-error.ts';

/** Every byte there is: none may be lost or changed on the way. */
const FILE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

function request(contentType: string | undefined, bytes: Uint8Array, length?: number): HttpRequest {
  return new HttpRequest({
    url: 'http://127.0.0.1:7071/api/certificates',
    method: 'POST',
    headers: {
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(length === undefined ? {} : { 'content-length': String(length) }),
    },
    body: { bytes },
  });
}

async function encode(form: FormData): Promise<{ type: string; bytes: Buffer }> {
  const encoded = new Response(form);
  return {
    type: encoded.headers.get('content-type') ?? '',
    bytes: Buffer.from(await encoded.arrayBuffer()),
  };
}

async function readFields(fields: readonly (readonly [string, string | Blob])[]) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  const { type, bytes } = await encode(form);
  return await readUploadForm(request(type, bytes));
}

const readJson = (value: unknown): Promise<UploadForm> =>
  readUploadForm(request('application/json', Buffer.from(JSON.stringify(value))));

const blob = new File([FILE], 'gateway.pfx');

describe('An upload', () => {
  const wanted = {
    password: 'pä$$wörd, "quoted"',
    vault: 'contoso-kv',
    name: 'gateway-client',
    targets: ['contoso-gw', 'contoso-gw/workspaces/team-a'],
    tags: { team: 'api', owner: 'a=b' },
    recover: false,
    takeOver: false,
    store: 'vault',
  };

  test('is read from a form, byte for byte', async () => {
    const read = await readFields([
      ['file', blob],
      ['password', wanted.password],
      ['vault', wanted.vault],
      ['name', wanted.name],
      ['targets', 'contoso-gw, contoso-gw/workspaces/team-a'],
      ['tags', 'team=api,owner=a=b'],
    ]);
    expect(read).toMatchObject(wanted);
    expect(Buffer.from(read.file)).toEqual(FILE);
  });

  test('is read from a form that repeats its fields', async () => {
    const read = await readFields([
      ['file', blob],
      ['targets', 'contoso-gw'],
      ['targets', 'contoso-gw/workspaces/team-a'],
      ['targets', 'contoso-gw'],
      ['tags', '{"team":"api"}'],
      ['tags', 'owner=a=b'],
      ['recover', 'true'],
    ]);
    expect(read).toMatchObject({ targets: wanted.targets, tags: wanted.tags, recover: true });
  });

  test('is read from JSON with the same names', async () => {
    const read = await readJson({ ...wanted, file: FILE.toString('base64') });
    expect(read).toMatchObject(wanted);
    expect(Buffer.from(read.file)).toEqual(FILE);
  });

  test('may come without anything but its file', async () => {
    await expect(readJson({ file: 'AAAA' })).resolves.toEqual({
      file: Buffer.from('AAAA', 'base64'),
      password: undefined,
      vault: undefined,
      name: undefined,
      targets: [],
      tags: {},
      recover: false,
      takeOver: false,
      store: 'vault',
    });
  });

  test.each<[sentence: string, body: object, field: string]>([
    ['has no file', { name: 'a' }, 'file'],
    ['has an empty file', { file: '' }, 'file'],
    ['has a file that is no base64', { file: 'not base64!' }, 'file'],
    ['has a field that is not known', { file: 'AAAA', target: 'contoso-gw' }, 'target'],
    ['has a password that is no text', { file: 'AAAA', password: 12 }, 'password'],
    ['has targets that are no texts', { file: 'AAAA', targets: [1] }, 'targets'],
    [
      'has more targets than can be kept at once',
      { file: 'AAAA', targets: Array.from({ length: 51 }, (_, at) => `gw-${String(at)}`) },
      'targets',
    ],
    ['has tags that are a list', { file: 'AAAA', tags: ['a'] }, 'tags'],
    ['has a tag that is no text', { file: 'AAAA', tags: { a: 1 } }, 'tags.a'],
    ['has a tag that is too long', { file: 'AAAA', tags: { a: 'x'.repeat(257) } }, 'tags.a'],
    [
      'has more tags than the vault takes',
      { file: 'AAAA', tags: Object.fromEntries(Array.from({ length: 16 }, (_, at) => [at, 'a'])) },
      'tags',
    ],
    [
      "has a tag of Certkeeper's own",
      { file: 'AAAA', tags: { 'Certkeeper-Targets': 'contoso-gw' } },
      'tags.Certkeeper-Targets',
    ],
    ['goes to a store that is not known', { file: 'AAAA', store: 'disk' }, 'store'],
    ['has a flag that is neither true nor false', { file: 'AAAA', recover: 'yes' }, 'recover'],
  ])('that %s is refused, and the field is named', async (_, body, field) => {
    const error: unknown = await readJson(body).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(RequestError);
    expect((error as RequestError).errors.map((one) => one.field)).toEqual([field]);
  });

  test('in a form that has two files is refused', async () => {
    await expect(
      readFields([
        ['file', blob],
        ['file', blob],
      ]),
    ).rejects.toMatchObject({ errors: [{ field: 'file' }] });
  });

  test.each<[sentence: string, type: string | undefined, body: string, code: string]>([
    ['of another type', 'application/x-pkcs12', 'x', 'CONTENT_TYPE_UNSUPPORTED'],
    ['without a type', undefined, 'x', 'CONTENT_TYPE_UNSUPPORTED'],
    ['that is no JSON', 'application/json', '{"file":', 'FORM_UNREADABLE'],
    ['that is no JSON object', 'application/json; charset=utf-8', '[]', 'FORM_UNREADABLE'],
    ['without a boundary', 'multipart/form-data', '--a--', 'FORM_UNREADABLE'],
    [
      'that is no form',
      'multipart/form-data; boundary=a',
      '--a\r\nx\r\n\r\nx\r\n--a--',
      'FORM_UNREADABLE',
    ],
    [
      'that was cut off',
      'multipart/form-data; boundary="a"',
      '--a\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
      'FORM_TRUNCATED',
    ],
    ['that is empty', 'multipart/form-data; boundary=a', '', 'FORM_TRUNCATED'],
  ])('%s is refused with its own code', async (_, type, body, code) => {
    await expect(readUploadForm(request(type, Buffer.from(body)))).rejects.toMatchObject({
      problem: { code },
    });
  });

  test.each([
    ['says to be', 1, LARGEST_BODY + 1],
    ['is', LARGEST_BODY + 1, undefined],
  ])('that %s too large is refused before it is parsed', async (_, size, says) => {
    const body = Buffer.alloc(size, '{');
    await expect(readUploadForm(request('application/json', body, says))).rejects.toMatchObject({
      problem: { code: 'FILE_TOO_LARGE' },
    });
  });

  test('whatever bytes it is, is read or refused, and never quoted', async () => {
    const { type, bytes } = await encode(
      (() => {
        const form = new FormData();
        form.append('file', blob);
        form.append('password', 'marker-of-a-password');
        form.append('targets', 'contoso-gw');
        return form;
      })(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 12 }),
        fc.nat(bytes.length),
        async (changes, length) => {
          const mutated = Buffer.from(bytes);
          for (const [at, byte] of changes) mutated[at] = byte;
          try {
            await readUploadForm(request(type, mutated.subarray(0, length)));
          } catch (error) {
            if (!(error instanceof RequestError)) expect(error).toBeInstanceOf(TerminalError);
            expect(String(error)).not.toContain('marker-of');
          }
        },
      ),
    );
  });
});
