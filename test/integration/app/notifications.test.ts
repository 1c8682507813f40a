import { runCli } from '../../support/cli.ts';
import { readOtlp } from '../../support/metrics/otlp.ts';
import { startReceiver, type Receiver } from '../../support/notify/receiver.ts';
import {
  newVersionEvent,
  watchApp,
  type AppUnderTest,
} from '../../support/system/app-under-test.ts';
import { readFilesBelow } from '../../support/system/files-below.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
} from '../../support/system/running-system.ts';

jest.setTimeout(240_000);

const SECRET = 'sig=s3cr3t-of-the-address';
const KEY = Buffer.alloc(32, 7).toString('base64');

let app: AppUnderTest;
let teams: Receiver;
let slack: Receiver;
let siem: Receiver;
let collector: Receiver;

const all = () => [teams, slack, siem, collector];

/** Texts of everything that a receiver got. */
const heard = ({ received }: Receiver): string => received.map(({ body }) => body).join('\n');
const hears = (receiver: Receiver, text: string) =>
  eventually(
    async () => heard(receiver),
    (words) => words.includes(text),
  ).catch(() => {
    throw new Error(`Nobody said ${text}`);
  });

beforeAll(async () => {
  teams = await startReceiver();
  slack = await startReceiver();
  siem = await startReceiver();
  collector = await startReceiver();
  // It restarts while the app starts.
  siem.answer({ status: 503 }, { status: 429, headers: { 'retry-after': '1' } }, { status: 204 });
  const system = await startTestSystem({
    settings: {
      CERTKEEPER_NOTIFY: [
        'SyncFailed, CertificateNearExpiry, CertificateExpired => slack:ops',
        'events, findings => webhook:siem',
        'findings => teams:managers (digest)',
        'findings => topic',
      ].join('; '),
      CERTKEEPER_NOTIFY_SLACK_OPS: `${slack.url}/services/x?${SECRET}`,
      CERTKEEPER_NOTIFY_TEAMS_MANAGERS: `${teams.url}/workflows/x?${SECRET}`,
      CERTKEEPER_NOTIFY_WEBHOOK_SIEM: `${siem.url}/hook?${SECRET}`,
      CERTKEEPER_NOTIFY_WEBHOOK_SIEM_SECRET: `whsec_${KEY}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_METRIC_EXPORT_INTERVAL: '500',
    },
  });
  app = watchApp(system);
});
afterAll(async () => {
  await cleanUpSystems();
  await Promise.all(all().map((receiver) => receiver.stop()));
});

const audit = async () => {
  expect(await app.wire.api('/audits', 'POST')).toMatchObject({ status: 202 });
  return await eventually(
    async () => (await app.wire.api('/operations/audit')).body as { state: string },
    ({ state }) => state !== 'running' && state !== 'pending',
    60_000,
  );
};
/**
 * Nobody is being told of anything any more. Telling is no operation of the API, so the task hub is
 * asked. Whoever posts something asks for it to be told before he is done himself: after a sync or an
 * audit that is over, what it has to tell is told too.
 */
const quiet = async () => {
  const { hostUrl, keys } = app.system;
  const active = 'instanceIdPrefix=notify-&runtimeStatus=Pending,Running&showInput=false';
  await eventually(
    () =>
      app.wire.send(
        `${hostUrl}/runtime/webhooks/durabletask/instances?${active}&code=${keys.durable}`,
      ),
    ({ status, body }) => status === 200 && Array.isArray(body) && body.length === 0,
    60_000,
  );
};

/** Of a report's changes: whether there is nothing to tell. */
const isQuiet = (changes: Record<string, unknown>): boolean =>
  ['appeared', 'worsened', 'eased', 'cleared'].every(
    (what) => (changes[what] as readonly unknown[]).length === 0,
  );

describe('an event', () => {
  it('is told at once, to whom the rules say', async () => {
    await app.sync('contoso-kv', 'reports');
    const words = await hears(slack, 'SyncFailed: IDENTITY_MISSING');
    expect(words).toContain('contoso-kv/reports → contoso-lab-gw/certificates/reports');
    expect(words).not.toContain('Rotated');
    await quiet();
    expect(teams.received).toEqual([]);
  });

  it('reaches a receiver that failed, once it is back, and each event once', async () => {
    await app.wire.importVersion('contoso-kv', 'gateway-client', makePfx('gateway.contoso.com'));
    await hears(siem, 'Certkeeper.CertificateRotated');
    await quiet();
    const taken = siem.received.slice(2).flatMap(({ body }) => {
      return (JSON.parse(body) as { items: { id: string }[] }).items.map(({ id }) => id);
    });
    expect(new Set(taken).size).toBe(taken.length);
    // What was tried again has the id of the first time.
    const [first, second, third] = siem.received.map(({ headers }) => headers['webhook-id']);
    expect([second, third]).toEqual([first, first]);
  });

  it('of Key Vault, that a certificate nears its expiry, takes the same road', async () => {
    const soon = makePfx('soon.contoso.com', undefined, { days: 20 });
    await app.wire.importVersion('contoso-kv', 'soon-over', soon);
    const event = {
      ...newVersionEvent('contoso-kv', 'soon-over'),
      eventType: 'Microsoft.KeyVault.CertificateNearExpiry',
    };
    await app.wire.deliver([event]);
    await app.wire.deliver([event]);
    await hears(slack, 'contoso-kv/soon-over expires on ');
    await quiet();
    expect(heard(slack).split('soon-over expires on').length).toBe(2);
    const published = (await app.wire.published()).filter(
      ({ type, subject }) =>
        type === 'Certkeeper.CertificateNearExpiry' && subject === 'contoso-kv/soon-over',
    );
    expect(published.length).toBeGreaterThan(0);
  });
});

describe('an audit', () => {
  it('tells each place what it found, in its own form', async () => {
    expect(await audit()).toMatchObject({ state: 'succeeded' });
    const card = await hears(teams, 'what changed');
    expect(teams.received).toHaveLength(1);
    expect(JSON.parse(card)).toMatchObject({
      attachments: [{ content: { type: 'AdaptiveCard' } }],
    });
    await hears(siem, '"change":"appeared"');
    await eventually(
      () => app.wire.published(),
      (events) => events.some(({ type }) => type === 'Certkeeper.FindingAppeared'),
    );
  });

  it('tells nothing twice', async () => {
    // What is known of uses may still grow after the first sweep: until then there is news.
    await eventually(
      async () => {
        await audit();
        const { body } = await app.wire.api('/audits/latest');
        return (body as { changes?: Record<string, unknown> }).changes;
      },
      (changes) => changes !== undefined && isQuiet(changes),
      60_000,
    );
    await quiet();
    const before = all().map(({ received }) => received.length);
    const published = (await app.wire.published()).length;
    await audit();
    await quiet();
    expect([teams, slack, siem].map(({ received }) => received.length)).toEqual(before.slice(0, 3));
    expect((await app.wire.published()).length).toBe(published);
  });

  it('finds out that a place could not be told', async () => {
    teams.answer({ status: 302, headers: { location: 'http://127.0.0.1:9/elsewhere' } });
    const old = makePfx('old.contoso.com', undefined, { days: 3 });
    await app.wire.importVersion('contoso-kv', 'three-days', old);
    await audit();
    await quiet();
    await audit();
    await hears(siem, '"code":"NOTIFICATION_FAILED"');
    expect(heard(siem)).toContain('teams:managers');
    teams.answer({});
    await quiet();
    await audit();
    await hears(teams, 'NOTIFICATION_FAILED');
  });
});

describe('certkeeper notify --test', () => {
  const test = (args: readonly string[]) =>
    runCli(args, { env: { CERTKEEPER_URL: app.system.hostUrl } });

  it('sends a message to every place, and says what each answered', async () => {
    const { code, stdout, stderr } = await test(['notify', '--test']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^PLACE\s+ANSWER\s+SECONDS\nslack:ops\s+accepted\s+\d+\.\d\d\n/);
    expect(heard(slack)).toContain('this is a test, and it arrived');
    expect(heard(siem)).toContain('"kind":"test"');
    expect((await app.wire.published()).map(({ type }) => type)).toContain(
      'Certkeeper.NotificationTest',
    );
  });

  it('ends with 1 when one of them did not take it, and says why', async () => {
    slack.answer({ status: 404, body: 'no_service' });
    const { code, stdout } = await test(['notify', '--test']);
    slack.answer({});
    expect(code).toBe(1);
    expect(stdout).toMatch(/slack:ops\s+refused/);
    expect(stdout).toContain('slack:ops refused the message (HTTP 404 no_service).');
    expect(stdout).toContain('npx certkeeper notify --test');
    expect(await test(['notify'])).toMatchObject({ code: 2 });
  });
});

describe('what is measured', () => {
  it('reaches the collector', async () => {
    const metrics = await eventually(
      async () => readOtlp(collector.received.at(-1)?.body ?? '{"resourceMetrics":[]}').metrics,
      (read) => read.has('certkeeper.findings') && read.has('certkeeper.rotation.duration'),
    );
    expect([...metrics.keys()].sort()).toEqual([
      'certkeeper.audit.age',
      'certkeeper.certificate.expiry',
      'certkeeper.findings',
      'certkeeper.notifications',
      'certkeeper.rotation.duration',
      'certkeeper.syncs',
    ]);
    const expiry = metrics.get('certkeeper.certificate.expiry')?.points ?? [];
    expect(expiry.map(({ attributes }) => attributes['name'])).toContain('contoso-kv');
    const [rotation] = metrics.get('certkeeper.rotation.duration')?.points ?? [];
    expect(rotation?.count).toBeGreaterThan(0);
  });
});

describe('what is secret', () => {
  it('is in no state, no log and no message', async () => {
    await app.system.stop();
    const marks = ['s3cr3t', KEY, KEY.slice(0, 30)];
    const holding = readFilesBelow(app.system.stateDir).filter(({ content }) =>
      marks.some((mark) => content.includes(mark)),
    );
    expect(holding.map(({ file }) => file)).toEqual([]);
    for (const receiver of all()) {
      for (const mark of marks) expect(heard(receiver)).not.toContain(mark);
    }
  });
});
