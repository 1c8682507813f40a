import { readFileSync } from 'node:fs';
import path from 'node:path';
import { makeHealthRoute } from '../../../functions/triggers/health-route.ts';
import { findStatus } from '../../../shared/durable/start-once.ts';
import { VERSION } from '../../../shared/http/openapi-texts.ts';
import { askRoute, type Ask } from '../../support/ask-route.ts';
import { makeFakeDurableClient } from '../../support/fake-durable-client.ts';

const ask = (client: NonNullable<Ask['client']>) =>
  askRoute(makeHealthRoute({ findStatus }), '/health', { client });

describe('The health of the app', () => {
  test('is up, with its version, when nothing was swept yet', async () => {
    expect(await ask(makeFakeDurableClient())).toMatchObject({
      status: 200,
      body: { status: 'up', version: VERSION, lastSweep: null },
    });
  });

  test('says when everything was looked at last, and how that went', async () => {
    const client = makeFakeDurableClient();
    client.set('sweep', 'Failed');
    expect((await ask(client)).body).toMatchObject({
      lastSweep: { state: 'Failed', at: '2026-07-25T01:08:35.000Z' },
    });
  });

  test('is not up when the task hub cannot be read, and nothing of the error is told', async () => {
    const getStatus = () => Promise.reject(new Error('AccountKey=hush'));
    const answer = await ask({ getStatus });
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ code: 'AZURE_UNAVAILABLE' });
    expect(JSON.stringify(answer)).not.toContain('hush');
  });
});

test('the version that the app tells is the one of package.json', () => {
  const file = path.join(__dirname, '..', '..', '..', 'package.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: VERSION });
});
