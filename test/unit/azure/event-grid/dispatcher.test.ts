import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeClock } from '../../../../local/azure/core/clock.ts';
import { openStore } from '../../../../local/azure/core/store.ts';
import { makeDispatcher } from '../../../../local/azure/event-grid/dispatcher.ts';
import { keyOfId, makeGridDocuments } from '../../../../local/azure/event-grid/documents.ts';
import type { GridEvent } from '../../../../local/azure/event-grid/grid-event.ts';
import type { Store, World } from '../../../../local/azure/service.ts';
import { until } from '../../../support/azure/until.ts';
import { startWebhook } from '../../../support/azure/webhook.ts';

const VAULT = '/subscriptions/s/vaults/kv';
const event: GridEvent = {
  schema: 'EventGridSchema',
  event: {
    id: '1',
    topic: VAULT,
    subject: 'gateway-client',
    eventType: 'Microsoft.KeyVault.CertificateNewVersionCreated',
    eventTime: '2026-11-01T00:00:00.000Z',
    data: {},
    dataVersion: '1',
    metadataVersion: '1',
  },
};

describe('a delivery whose outcome cannot be written down', () => {
  it('is made again, and harms nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dispatcher-'));
    const webhook = await startWebhook();
    const opened = openStore(join(folder, 'azure.sqlite'));
    let full = true;
    const store: Store = {
      ...opened,
      transaction(run) {
        if (full) throw new Error('database or disk is full');
        return opened.transaction(run);
      },
    };
    const lines: string[] = [];
    const clock = makeClock(opened, () => undefined);
    const world: World = {
      ...{ clock, store, baseUrl: '', tenantId: '' },
      settings: { define: (_name, setting) => () => setting.default },
      seal: (plain) => plain.toString('base64'),
      unseal: (sealed) => Buffer.from(sealed, 'base64'),
      log: (line) => lines.push(line),
    };
    const documents = makeGridDocuments(store);
    const id = `${VAULT}/providers/Microsoft.EventGrid/eventSubscriptions/mine`;
    documents.subscriptions.put(keyOfId(id), {
      ...{ id, name: 'mine', source: VAULT, type: 'Microsoft.EventGrid/eventSubscriptions' },
      ...{ maxEventsPerBatch: 1, schema: 'EventGridSchema', labels: [] },
      ...{ maxDeliveryAttempts: 30, timeToLiveMinutes: 1440 },
      sealedEndpoint: world.seal(Buffer.from(webhook.url)),
      filter: { subjectBeginsWith: '', subjectEndsWith: '', isSubjectCaseSensitive: false },
    });
    const dispatcher = makeDispatcher(world, documents, {
      scale: () => 1,
      answerSeconds: () => 30,
    });

    dispatcher.publish(VAULT, event);
    await until(() => Promise.resolve(lines.length > 0));
    expect(lines).toEqual([
      'Event Grid: the outcome of a delivery was not kept: database or disk is full',
    ]);
    expect(documents.deliveries.list()).toMatchObject([{ attempts: 0 }]);
    full = false;
    clock.advance(10);
    await until(() => Promise.resolve(dispatcher.delivered().length > 0));

    expect(webhook.notifications).toHaveLength(2);
    expect(documents.deliveries.list()).toEqual([]);
    await dispatcher.stop();
    clock.stop();
    opened.close();
    await webhook.stop();
    rmSync(folder, { recursive: true });
  });
});
