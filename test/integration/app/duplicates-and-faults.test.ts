import { syncInstanceId } from '../../../shared/durable/instance-id.ts';
import {
  startAppUnderTest,
  type AppUnderTest,
  newVersionEvent,
  type Operation,
} from '../../support/system/app-under-test.ts';
import { countRequests } from '../../support/system/azure-wire.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';

jest.setTimeout(120_000);

let app: AppUnderTest;

beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

describe('an event that comes again', () => {
  it('causes one refresh when delivered 20 times at once, and none when it comes later', async () => {
    await app.sync('contoso-kv', 'gateway-client');
    await app.wire.forgetRequests();
    const pfx = makePfx('twenty.contoso.example');
    await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    const event = newVersionEvent('contoso-kv', 'gateway-client');
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.wire.deliver([event])));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
    await settled();
    for (let time = 0; time < 20; time += 1) await app.wire.deliver([event]);
    await settled();
    const { refreshes, writes } = countRequests(await app.wire.requests());
    expect({ refreshes, writes }).toEqual({ refreshes: 1, writes: 0 });
  });

  /** No sync of the source is under way. */
  async function settled(): Promise<void> {
    const id = syncInstanceId({ vault: 'contoso-kv', name: 'gateway-client' });
    await eventually(
      async () => (await app.wire.api(`/operations/${id}`)).body as Operation,
      ({ state }) => state === 'succeeded',
    );
  }
});

describe('faults of Azure', () => {
  afterEach(() => app.wire.noFaults());

  it('are waited out: throttled with Retry-After, then broken, then well', async () => {
    await app.sync('contoso-kv', 'gateway-client');
    const refresh = { method: 'POST', path: '**/gateway-client/refreshSecret' };
    await app.wire.fault({
      match: refresh,
      answer: { status: 429, code: 'TooManyRequests', headers: { 'retry-after': '1' } },
      times: 1,
    });
    await app.wire.fault({ match: refresh, answer: { status: 503 }, times: 1 });
    const pfx = makePfx('faults.contoso.example');
    await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    await eventually(
      () => app.targetThumbprint('contoso-gw', 'gateway-client'),
      (thumbprint) => thumbprint === pfx.thumbprint,
    );
  });
});
