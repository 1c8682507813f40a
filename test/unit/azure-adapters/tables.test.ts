import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { DocumentTable } from '../../../shared/azure/tables.ts';

/** Table storage with one row, as the real client speaks with it. */
function makeTable() {
  let row: Record<string, unknown> | undefined;
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      const isRow = request.url.includes('PartitionKey=');
      if (isRow && typeof request.body === 'string') {
        row = JSON.parse(request.body) as Record<string, unknown>; // what the client has written
      }
      const status = request.method === 'GET' ? 200 : 204;
      const body = { ...row, 'odata.etag': 'W/"1"' };
      return Promise.resolve({
        request,
        status,
        headers: createHttpHeaders({ 'content-type': 'application/json', etag: 'W/"1"' }),
        bodyAsText: status === 200 ? JSON.stringify(body) : '',
      });
    },
  };
  const storage = {
    kind: 'connection-string',
    connectionString:
      'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=YQ==;EndpointSuffix=core.windows.net',
  } as const;
  const credential = { getToken: () => Promise.resolve(null) };
  return { table: new DocumentTable('t', storage, credential, httpClient), stored: () => row };
}

describe('A document', () => {
  test.each([
    ['that is short', 'a'],
    ['longer than a property may be', 'ab'.repeat(50_000)],
    ['with letters of two units, wherever it is cut', 'x' + '😀'.repeat(40_000)],
    ['with letters of two units, cut one later', '😀'.repeat(40_000)],
  ])('%s is read as it was written', async (_, text) => {
    const { table, stored } = makeTable();
    const row = { partition: 'p', key: 'k', etag: 'W/"0"', document: { text } };
    expect(await table.replace(row)).toBe(true);
    expect((await table.get('p', 'k'))?.document).toEqual({ text });
    const parts = Object.entries(stored() ?? {}).filter(([name]) => name.startsWith('document'));
    for (const [, part] of parts) {
      expect(String(part).length).toBeLessThanOrEqual(32_768);
      expect(String(part).isWellFormed()).toBe(true);
    }
  });
});
