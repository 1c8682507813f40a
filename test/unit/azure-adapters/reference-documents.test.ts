import { makeReferenceDocuments } from '../../../shared/azure/repairs/reference-documents.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { TARGET, WORKSPACE_TARGET } from '../../support/domain-samples.ts';
import {
  makeScriptedAzure,
  refuse,
  type Answer,
  type Sent,
} from '../../support/fake-http-client.ts';

const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const SERVICE = {
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso/providers/Microsoft.ApiManagement/service/contoso-gw`,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'rg-contoso',
  name: 'contoso-gw',
};
const TEXT = '\ufeff<policies>\r\n\t<inbound a="&lt;" />\r\n</policies>\r\n';

function over(answer: (sent: Sent) => Answer) {
  const azure = makeScriptedAzure(answer);
  const slept: number[] = [];
  const documents = makeReferenceDocuments(azure.clients, [SERVICE], (ms) => {
    slept.push(ms);
    return Promise.resolve();
  });
  return { ...azure, documents, slept };
}
const entity = (properties: object, etag = '"7"'): Answer => ({
  status: 200,
  body: { properties },
  headers: { etag },
});

describe('A policy', () => {
  test.each([
    ['policies/policy', '/policies/policy'],
    ['apis/orders;rev=2/policies/policy', '/apis/orders%3Brev%3D2/policies/policy'],
    [
      'workspaces/team-a/apis/o/operations/g/policies/policy',
      '/workspaces/team-a/apis/o/operations/g/policies/policy',
    ],
  ])('is read as it was written, at %s', async (path, address) => {
    const { documents, sent } = over(() => entity({ value: TEXT, format: 'rawxml' }));
    await expect(documents.readPolicy('contoso-gw', path)).resolves.toEqual({
      text: TEXT,
      etag: '"7"',
    });
    expect(sent[0]).toMatchObject({ method: 'GET', path: `${SERVICE.id}${address}` });
    expect(sent[0]?.query.get('format')).toBe('rawxml');
    expect(sent[0]?.query.get('api-version')).toBe('2024-05-01');
  });

  test('is none where there is none', async () => {
    const { documents } = over(() => refuse(404, 'ResourceNotFound'));
    await expect(documents.readPolicy('contoso-gw', 'policies/policy')).resolves.toBeUndefined();
  });

  test.each(['../certificates/x', 'apis//policies/policy', 'apis/./policies/policy'])(
    'is asked for at no address that leads elsewhere: %s',
    async (path) => {
      const { documents, sent } = over(() => entity({}));
      await expect(documents.readPolicy('contoso-gw', path)).rejects.toMatchObject({
        problem: { code: 'AZURE_REFUSED' },
      });
      expect(sent).toEqual([]);
    },
  );

  test('is written byte for byte, if it is still what was seen', async () => {
    const { documents, sent } = over(() => entity({}, '"8"'));
    const seen = { text: 'old', etag: '"7"', description: 'what it is for' };
    await expect(
      documents.writePolicy('contoso-gw', 'policyFragments/f', seen, TEXT),
    ).resolves.toEqual({ etag: '"8"' });
    expect(sent).toMatchObject([
      {
        method: 'PUT',
        ifMatch: '"7"',
        body: { properties: { format: 'rawxml', value: TEXT, description: 'what it is for' } },
      },
    ]);
  });

  test('is not written when somebody changed it', async () => {
    const { documents } = over(() => refuse(412, 'PreconditionFailed'));
    const seen = { text: 'old', etag: '"7"' };
    await expect(
      documents.writePolicy('contoso-gw', 'policies/policy', seen, TEXT),
    ).rejects.toMatchObject({ problem: { code: 'TARGET_CHANGED' } });
  });

  const refused = async (error: object) => {
    const { documents } = over(() => ({ status: 400, body: { error } }));
    const seen = { text: 'old', etag: '"7"' };
    try {
      await documents.writePolicy('contoso-gw', 'policies/policy', seen, TEXT);
    } catch (thrown) {
      if (thrown instanceof TerminalError) return thrown.problem;
    }
    throw new Error('it was not refused');
  };

  test('that is refused tells where something is wrong with it', async () => {
    const problem = await refused({
      code: 'ValidationError',
      message: 'One or more fields contain incorrect values:',
      details: [
        {
          code: 'ValidationError',
          target: 'set-header',
          message: "Error in element 'set-header' on line 3, column 4: 'name' is missing.",
        },
      ],
    });
    expect(problem).toMatchObject({ code: 'AZURE_REFUSED' });
    expect(problem.message).toContain(
      "(400 ValidationError). It says: ValidationError: element 'set-header', line 3, column 4",
    );
  });

  test.each<[sentence: string, error: object]>([
    ['in the message', { message: "'s3cret' is an unexpected token. Line 2, position 9." }],
    ['in a detail', { details: [{ message: 'Value "s3cret" of attribute is not valid.' }] }],
    [
      'in a detail that names an element',
      { details: [{ message: "Error in element 's3cret s3cret' on line 3: s3cret." }] },
    ],
    ['as a target', { details: [{ target: 'password=s3cret', message: 'No.' }] }],
    ['as a code', { code: 's3cret is no code', message: 'No.' }],
  ])('that is refused is not quoted: %s', async (_, error) => {
    const problem = await refused({ code: 'ValidationError', ...error });
    expect(JSON.stringify(problem)).not.toContain('s3cret');
  });

  test('is told in full who may not write it', async () => {
    const { documents } = over(() => ({
      status: 403,
      body: { error: { code: 'AuthorizationFailed', message: 'The client has no authorization.' } },
    }));
    await expect(
      documents.writePolicy('contoso-gw', 'policies/policy', { text: '', etag: '"7"' }, TEXT),
    ).rejects.toMatchObject({
      problem: { message: expect.stringContaining('The client has no authorization.') as string },
    });
  });

  test('is not written when the service told no ETag of it', async () => {
    const { documents, sent } = over(() => ({ status: 200, body: { properties: {} } }));
    const seen = await documents.readPolicy('contoso-gw', 'policies/policy');
    expect(seen).not.toHaveProperty('etag');
    await expect(
      documents.writePolicy('contoso-gw', 'policies/policy', seen ?? { text: '' }, TEXT),
    ).rejects.toMatchObject({
      problem: { code: 'AZURE_REFUSED', message: expect.stringContaining('no ETag') as string },
    });
    expect(sent.map(({ method }) => method)).toEqual(['GET']);
  });

  test.each<[sentence: string, there: number, ends: boolean]>([
    ['is waited for where the service goes on with it by itself', 2, true],
    ['is left to another try when that takes too long', 100, false],
  ])('%s', async (_, there, ends) => {
    let looks = 0;
    const { documents, slept } = over(({ method }) => {
      if (method === 'PUT') return { status: 202 };
      looks += 1;
      return entity({ value: looks >= there ? TEXT : 'old' }, '"9"');
    });
    const seen = { text: 'old', etag: '"7"' };
    const written = documents.writePolicy('contoso-gw', 'policyFragments/f', seen, TEXT);
    if (ends) await expect(written).resolves.toEqual({ etag: '"9"' });
    else await expect(written).rejects.toMatchObject({ problem: { code: 'AZURE_UNAVAILABLE' } });
    expect(slept.length).toBe(ends ? 2 : 5);
  });
});

describe('A backend', () => {
  const thumbprint = 'B'.repeat(40);
  const credentials = {
    certificate: [thumbprint],
    header: { 'x-key': ['secret'] },
    authorization: { scheme: 'Basic', parameter: 'secret' },
  };
  const cluster = {
    clientCertificatethumbprint: thumbprint,
    managementEndpoints: ['https://sf'],
    serverX509Names: [{ name: 'sf' }],
  };
  const before = {
    url: 'https://billing.contoso.com',
    credentials,
    properties: { serviceFabricCluster: cluster },
  };
  const id = `${SERVICE.id}/certificates/gateway-client`;
  const wanted = { thumbprints: [], ids: [id], cluster: { id } };

  /** A service that puts what it gets in the place of what it has, but for what it loses. */
  async function write(lose: (properties: object) => object = (all) => all) {
    let now: object = before;
    const azure = over(({ method, body }) => {
      if (method === 'PATCH')
        now = lose({ ...now, ...(body as { properties: object }).properties });
      return entity(now, method === 'PATCH' ? '"8"' : '"7"');
    });
    const seen = await azure.documents.readBackend('contoso-gw', 'backends/billing');
    if (seen === undefined) throw new Error('it is there');
    const result = await azure.documents.writeBackend(
      'contoso-gw',
      'backends/billing',
      seen,
      wanted,
    );
    return { ...azure, seen, result };
  }

  test('is read with what it names certificates by', async () => {
    const { seen } = await write();
    expect(seen.certificates).toEqual({
      thumbprints: [thumbprint],
      ids: [],
      cluster: { thumbprint },
    });
  });

  test('is sent whole in the parts that change, and nothing else of it', async () => {
    const { sent, result } = await write();
    expect(sent.find(({ method }) => method === 'PATCH')).toMatchObject({ ifMatch: '"7"' });
    expect(sent.find(({ method }) => method === 'PATCH')?.body).toEqual({
      properties: {
        credentials: { ...credentials, certificate: [], certificateIds: [id] },
        properties: {
          serviceFabricCluster: {
            managementEndpoints: ['https://sf'],
            serverX509Names: [{ name: 'sf' }],
            clientCertificateId: id,
          },
        },
      },
    });
    expect(result).toEqual({ etag: '"7"', lost: [] });
  });

  test('is read back, and what went with the change is named', async () => {
    const { result } = await write((all) => ({
      ...all,
      credentials: { certificateIds: [id], header: credentials.header },
    }));
    expect(result.lost).toEqual(['authorization']);
  });

  test('that keeps an old thumbprint beside the id has lost nothing by it', async () => {
    const { result } = await write((all) => ({
      ...all,
      credentials: { ...credentials, certificateIds: [id] },
    }));
    expect(result.lost).toEqual([]);
  });

  test('that did not take the change is told of', async () => {
    const { result } = await write(() => before);
    expect(result.lost).toEqual(['its certificates']);
  });

  test('names certificates by their resource ids', () => {
    const { documents } = over(() => entity({}));
    expect(documents.certificateId(TARGET)).toBe(id);
    expect(documents.certificateId(WORKSPACE_TARGET)).toBe(
      `${SERVICE.id}/workspaces/team-a/certificates/gateway-client`,
    );
  });
});

describe('Named values', () => {
  const page = (names: readonly string[], more: object = {}) => ({
    status: 200,
    body: {
      value: names.map((name) => ({ name, properties: { displayName: name, value: ` ${name} ` } })),
      ...more,
    },
  });
  const read = async (documents: ReturnType<typeof over>['documents'], workspace?: string) => {
    const found = [];
    for await (const one of documents.listNamedValues('contoso-gw', workspace)) found.push(one);
    return found;
  };

  test('are listed page by page, as they are written, those of a workspace too', async () => {
    const { documents, sent } = over(({ query }) =>
      query.get('$skip') === null
        ? page(['a'], {
            nextLink: `https://management.azure.com${SERVICE.id}/workspaces/team-a/namedValues?$skip=1`,
          })
        : page(['b']),
    );
    await expect(read(documents, 'team-a')).resolves.toEqual([
      { path: 'workspaces/team-a/namedValues/a', value: ' a ' },
      { path: 'workspaces/team-a/namedValues/b', value: ' b ' },
    ]);
    expect(sent).toHaveLength(2);
  });

  test('are not followed to another host, and half a list is none', async () => {
    const { documents, sent } = over(() => page(['a'], { nextLink: 'https://evil.example/x' }));
    await expect(read(documents)).rejects.toMatchObject({ problem: { code: 'AZURE_REFUSED' } });
    expect(sent).toHaveLength(1);
  });

  test('are not changed without the state that was seen', async () => {
    const { documents, sent } = over(() => entity({}));
    await expect(
      documents.writeNamedValue('contoso-gw', 'namedValues/x', { path: 'x', value: 'old' }, 'new'),
    ).rejects.toMatchObject({ problem: { code: 'AZURE_REFUSED' } });
    expect(sent).toEqual([]);
  });

  test.each([
    [{ value: 'x', secret: true }],
    [{ value: 'x', keyVault: { secretIdentifier: 'https://v/secrets/x' } }],
    [{}],
  ])('that are secret, or not shown, are none: %j', async (properties) => {
    const { documents } = over(() => entity(properties));
    await expect(documents.readNamedValue('contoso-gw', 'namedValues/x')).resolves.toBeUndefined();
  });

  test('are changed in their value alone', async () => {
    const { documents, sent } = over(() => entity({ value: 'new' }, '"8"'));
    const seen = { path: 'namedValues/x', value: 'old', etag: '"7"' };
    await documents.writeNamedValue('contoso-gw', 'namedValues/x', seen, 'new');
    expect(sent).toMatchObject([
      { method: 'PATCH', ifMatch: '"7"', body: { properties: { value: 'new' } } },
    ]);
  });
});
