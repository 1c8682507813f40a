import { randomUUID } from 'node:crypto';
import {
  makeGraphWorld,
  toKeyCredential,
  type GraphAnswer,
  type GraphWorld,
} from '../../../support/azure/graph-world.ts';
import { makeTestCertificate, type TestCertificate } from '../../../support/azure/make-pfx.ts';

const YEAR = 365 * 86_400;

describe('the keyCredentials of an application', () => {
  let world: GraphWorld;
  let id: string;
  let first: TestCertificate;
  let second: TestCertificate;
  beforeAll(async () => {
    first = await makeTestCertificate('CN=first');
    second = await makeTestCertificate('CN=second');
  });
  beforeEach(async () => {
    world = makeGraphWorld();
    const made = await world.ask('POST', '/applications', { displayName: 'automation' });
    id = String(made.at('id'));
  });
  afterEach(() => world.close());

  const patch = (...keyCredentials: unknown[]): Promise<GraphAnswer> =>
    world.ask('PATCH', `/applications/${id}`, { keyCredentials });
  const read = (): Promise<GraphAnswer> =>
    world.ask('GET', `/applications/${id}?$select=keyCredentials`);
  const entries = async (): Promise<Record<string, unknown>[]> =>
    (await read()).at('keyCredentials') as Record<string, unknown>[];
  const keys = async (): Promise<unknown[]> => (await entries()).map(({ key }) => key);
  const [base64, thumbprint] = [
    (certificate: TestCertificate) => certificate.der.toString('base64'),
    (certificate: TestCertificate) => Buffer.from(certificate.thumbprint, 'hex'),
  ];

  it('are made with what the certificate says where the request says nothing', async () => {
    expect((await patch(toKeyCredential(first))).status).toBe(204);
    expect(await entries()).toEqual([
      {
        customKeyIdentifier: thumbprint(first).toString('base64'),
        displayName: null,
        startDateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
        endDateTime: expect.stringMatching(/Z$/) as unknown,
        key: base64(first),
        keyId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
        type: 'AsymmetricX509Cert',
        usage: 'Verify',
      },
    ]);
  });

  it('have the digits of the thumbprint as their identifier when it is set so', async () => {
    world.put({ 'assumptions.graphKeyIdentifier': 'hex' });
    await patch(toKeyCredential(first));
    expect((await entries())[0]?.['customKeyIdentifier']).toBe(first.thumbprint);
  });

  it('keep the id, the identifier and the name that a request gives, the name shortened', async () => {
    const keyId = randomUUID();
    const customKeyIdentifier = 'BB5D1064437D8720A5C53078185E6A361A78B10A';
    await patch(
      toKeyCredential(first, { keyId, customKeyIdentifier, displayName: 'n'.repeat(100) }),
    );
    expect((await entries())[0]).toMatchObject({
      keyId,
      customKeyIdentifier,
      displayName: 'n'.repeat(90),
    });
  });

  it('show the key on $select of one application only', async () => {
    await patch(toKeyCredential(first));
    const whole = await world.ask('GET', `/applications/${id}`);
    expect(whole.at('keyCredentials', 0, 'key')).toBeNull();
    const list = await world.ask('GET', '/applications?$select=keyCredentials');
    expect(list.at('value', 0, 'keyCredentials', 0, 'key')).toBeNull();
    expect(await keys()).toEqual([base64(first)]);
  });

  it('are replaced as a whole: what a request leaves out is gone', async () => {
    await patch(toKeyCredential(first));
    await patch(toKeyCredential(second));
    expect(await keys()).toEqual([base64(second)]);
    await patch();
    expect(await keys()).toEqual([]);
  });

  it('stay as they are when they are sent as they were read, beside a new one', async () => {
    await patch(toKeyCredential(first, { displayName: 'old' }));
    const before = await entries();
    expect((await patch(...before, toKeyCredential(second))).status).toBe(204);
    expect((await entries())[0]).toEqual(before[0]);
    expect(await keys()).toEqual([base64(first), base64(second)]);
  });

  it.each([
    ['keep', 204, ['first', 'second']],
    ['drop', 204, ['second']],
    ['refuse', 400, ['first']],
  ] as const)('sent again without their key: %s', async (rule, status, left) => {
    world.put({ 'assumptions.graphKeyWithoutValue': rule });
    await patch(toKeyCredential(first));
    const [existing] = await entries();
    const answer = await patch({ ...existing, key: null }, toKeyCredential(second));
    expect(answer.status).toBe(status);
    const named = { first: base64(first), second: base64(second) };
    expect(await keys()).toEqual(left.map((name) => named[name]));
  });

  it.each([
    ['another name', { displayName: 'another' }],
    ['another end', { endDateTime: '2026-12-01T00:00:00Z' }],
    ['another usage', { usage: 'Sign' }],
    ['another identifier', { customKeyIdentifier: 'AAAA' }],
  ])('cannot be changed: %s', async (_what, change) => {
    await patch(toKeyCredential(first, { displayName: 'one' }));
    const [existing] = await entries();
    const answer = await patch({ ...existing, ...change });
    expect(answer.status).toBe(400);
    expect(answer.at('error', 'message')).toBe(
      `Update to existing credential with KeyId '${String(existing?.['keyId'])}' is not allowed.`,
    );
    expect(answer.at('error', 'details', 0, 'code')).toBe('KeyNotUpdatable');
    expect(await keys()).toEqual([base64(first)]);
  });

  it('cannot take another key under the same id', async () => {
    await patch(toKeyCredential(first));
    const [existing] = await entries();
    expect((await patch({ ...existing, key: base64(second) })).status).toBe(400);
  });

  it.each([
    ['whole', 400],
    ['given', 204],
  ] as const)('sent again without their identifier, compared %s', async (rule, status) => {
    world.put({ 'assumptions.graphResentEntry': rule });
    await patch(toKeyCredential(first));
    const [existing] = await entries();
    expect((await patch({ ...existing, customKeyIdentifier: undefined })).status).toBe(status);
  });

  it('are refused when the key is empty, damaged, PEM, or a file with a private key', async () => {
    const bad = [
      undefined,
      '',
      first.der.subarray(0, 100).toString('base64'),
      first.pfx,
      Buffer.from(first.pem).toString('base64'),
      Buffer.concat([first.der, Buffer.from('more')]).toString('base64'),
    ];
    for (const key of bad) {
      const answer = await patch(toKeyCredential(first, { key }));
      expect([answer.status, answer.at('error', 'code')]).toEqual([
        400,
        'KeyCredentialsInvalidValue',
      ]);
    }
    const noBase64 = await patch(toKeyCredential(first, { key: '***' }));
    expect(noBase64.at('error', 'code')).toBe('Request_BadRequest');
    expect(await keys()).toEqual([]);
  });

  it('are refused with another usage or type', async () => {
    const usage = await patch(toKeyCredential(first, { usage: 'verify' }));
    expect(usage.at('error', 'message')).toContain('Acceptable values are Sign, Verify.');
    expect((await patch(toKeyCredential(first, { type: 'Symmetric' }))).status).toBe(400);
  });

  it('lie within the validity of their certificate', async () => {
    const dates = (start: number, end: number) =>
      toKeyCredential(first, {
        startDateTime: new Date(Date.now() + start * 1000).toISOString(),
        endDateTime: new Date(Date.now() + end * 1000).toISOString(),
      });
    const early = await patch(dates(-2 * 86_400, 86_400));
    expect(early.at('error', 'code')).toBe('KeyCredentialsInvalidStartDate');
    const late = await patch(dates(0, 2 * YEAR));
    expect(late.at('error')).toMatchObject({
      code: 'KeyCredentialsInvalidEndDate',
      message: 'Key credential end date is invalid.',
      details: [{ code: 'InvalidKeyEndDate', target: 'keyCredentials.endDateTime' }],
    });
    expect((await patch(dates(0, -1))).at('error', 'code')).toBe('KeyCredentialsInvalidEndDate');
    expect((await patch(dates(0, 86_400))).status).toBe(204);
  });

  it.each([
    ['certificate', 204],
    ['year', 400],
  ] as const)('with an end of two years, bound by the %s', async (rule, status) => {
    world.put({ 'assumptions.graphKeyEndDate': rule });
    const long = await makeTestCertificate('CN=long', undefined, { from: -60, to: 3 * YEAR });
    const startDateTime = new Date().toISOString();
    const endDateTime = new Date(Date.now() + 2 * YEAR * 1000).toISOString();
    expect((await patch(toKeyCredential(long, { startDateTime, endDateTime }))).status).toBe(
      status,
    );
  });

  it('end a year after their start when nothing is said and the certificate lasts longer', async () => {
    const long = await makeTestCertificate('CN=long', undefined, { from: -60, to: 3 * YEAR });
    await patch(toKeyCredential(long, { startDateTime: '2099-01-01T00:00:00Z' }));
    expect(await entries()).toEqual([]);
    const startDateTime = new Date(Date.now() - 1000).toISOString();
    await patch(toKeyCredential(long, { startDateTime }));
    const year = Number(startDateTime.slice(0, 4)) + 1;
    expect((await entries())[0]?.['endDateTime']).toBe(
      startDateTime.replace(/^\d{4}/, String(year)),
    );
  });

  it.each([
    ['accept', 204],
    ['refuse', 400],
  ] as const)('with one certificate twice: %s', async (rule, status) => {
    world.put({ 'assumptions.graphDuplicateCertificate': rule });
    expect((await patch(toKeyCredential(first), toKeyCredential(first))).status).toBe(status);
  });

  it('cannot have one id twice, nor be null', async () => {
    const keyId = randomUUID();
    const twice = [toKeyCredential(first, { keyId }), toKeyCredential(second, { keyId })];
    expect((await patch(...twice)).status).toBe(400);
    const nothing = await world.ask('PATCH', `/applications/${id}`, { keyCredentials: null });
    expect(nothing.status).toBe(400);
  });

  it('of an expired certificate can be kept and left out, not added', async () => {
    const short = await makeTestCertificate('CN=short', undefined, { from: -60, to: 3600 });
    await patch(toKeyCredential(short));
    world.arm.advance(7200);
    const before = await entries();
    expect((await patch(...before, toKeyCredential(first))).status).toBe(204);
    expect(await keys()).toEqual([base64(short), base64(first)]);
    expect((await patch(toKeyCredential(short))).at('error', 'code')).toBe(
      'KeyCredentialsInvalidEndDate',
    );
    expect((await patch((await entries())[1])).status).toBe(204);
    expect(await keys()).toEqual([base64(first)]);
  });
});
