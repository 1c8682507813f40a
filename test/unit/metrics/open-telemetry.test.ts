import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { makeMetrics } from '../../../shared/metrics/make-metrics.ts';
import { readOtlp } from '../../support/metrics/otlp.ts';
import { makeSelfSigned, openOpenssl } from '../../support/openssl/openssl.ts';
import { startReceiver, type Received, type Receiver } from '../../support/notify/receiver.ts';

const PROGRAM = path.join(__dirname, '../../support/metrics/measure.ts');

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.stop());

/** Runs a process that measures and ends. @returns what it logged */
async function measure(settings: Record<string, string>, { stayMs = 0 } = {}): Promise<string> {
  const env = { PATH: process.env['PATH'], ...settings };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [PROGRAM, String(stayMs)], { env });
  return stdout;
}

describe('metrics to a collector', () => {
  it('are exported when the app ends, if not before', async () => {
    const log = await measure({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=platform',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    expect(log).toBe('');
    const [sent, ...more] = receiver.received;
    expect(more).toEqual([]);
    expect(sent).toMatchObject({ path: '/v1/metrics', headers: { 'x-team': 'platform' } });
    expect(sent?.headers['content-type']).toBe('application/json');
    const { resource, metrics } = readOtlp(sent?.body ?? '');
    const docs = readFileSync(path.join(__dirname, '../../../docs/metrics.md'), 'utf8');
    const documented = [...docs.matchAll(/^\| `(certkeeper\.[a-z._]+)`/gm)].map(([, name]) => name);
    expect([...metrics.keys()].sort()).toEqual(documented.sort());
    expect(resource).toMatchObject({
      'service.name': 'certkeeper',
      'service.instance.id': expect.any(String) as string,
      'deployment.environment.name': 'test',
    });
    expect(Object.fromEntries(metrics)).toMatchObject({
      'certkeeper.syncs': {
        ...{ kind: 'sum', unit: '{sync}' },
        points: [
          { attributes: { outcome: 'succeeded' }, value: 1 },
          { attributes: { outcome: 'blocked' }, value: 1 },
        ],
      },
      'certkeeper.rotation.duration': {
        ...{ kind: 'histogram', unit: 's' },
        points: [{ attributes: {}, count: 2, value: 700_003.5, bounds: { length: 12 } }],
      },
      'certkeeper.notifications': {
        ...{ kind: 'sum', unit: '{attempt}' },
        points: [{ attributes: { place: 'teams:ops', outcome: 'sent' }, value: 1 }],
      },
      'certkeeper.findings': {
        ...{ kind: 'gauge', unit: '{finding}' },
        points: [
          { attributes: { code: 'EXPIRED', severity: 'critical', acknowledged: false }, value: 3 },
        ],
      },
      'certkeeper.certificate.expiry': {
        ...{ kind: 'gauge', unit: 'd' },
        points: [
          { attributes: { kind: 'vault', name: 'contoso-kv' }, value: 10 },
          { attributes: { kind: 'service', name: 'contoso-gw' }, value: -0.5 },
        ],
      },
      'certkeeper.audit.age': { kind: 'gauge', unit: 's', points: [{ value: 3_600 }] },
    });
  });

  it('are exported again and again, to an address for metrics alone', async () => {
    await measure(
      {
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/otlp`,
        OTEL_METRIC_EXPORT_INTERVAL: '100',
        OTEL_SERVICE_NAME: 'my-certkeeper',
      },
      { stayMs: 2_000 },
    );
    expect(receiver.received.length).toBeGreaterThan(2);
    expect(receiver.received[0]?.path).toBe('/otlp');
    const { resource } = readOtlp(receiver.received[0]?.body ?? '');
    expect(resource['service.name']).toBe('my-certkeeper');
  });

  it('that are lost are said to be, and not once a minute', async () => {
    receiver.answer({ status: 400, body: 's3cr3t' });
    const log = await measure(
      { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_INTERVAL: '100' },
      { stayMs: 1_000 },
    );
    expect(receiver.received.length).toBeGreaterThan(1);
    expect(log).toBe(
      'metrics.lost: an export failed; look at the endpoint that the settings name\n',
    );
  });
});

describe('metrics to Azure Monitor', () => {
  const textOf = ({ headers, bytes }: Received): string =>
    headers['content-encoding'] === 'gzip' ? gunzipSync(bytes).toString() : bytes.toString();

  const key = '00000000-0000-4000-8000-000000000001';

  /** Measures against a receiver of its wire format. @returns what that received */
  async function measureThere(settings: Record<string, string> = {}): Promise<readonly Received[]> {
    // Its exporter takes https only.
    const openssl = openOpenssl();
    makeSelfSigned(openssl, { extensions: ['subjectAltName=IP:127.0.0.1'] });
    const insights = await startReceiver({
      key: openssl.read('key.pem'),
      cert: openssl.read('certificate.pem'),
    });
    insights.answer({
      headers: { 'content-type': 'application/json' },
      body: '{"itemsReceived":1,"itemsAccepted":1,"errors":[]}',
    });
    const log = await measure({
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${key};IngestionEndpoint=${insights.url}`,
      NODE_EXTRA_CA_CERTS: path.join(openssl.folder, 'certificate.pem'),
      ...settings,
    });
    await insights.stop();
    openssl.close();
    expect(log).toBe('');
    return insights.received;
  }

  it('are exported under the same names, and nothing else is', async () => {
    const received = await measureThere();
    const sent = received.map(textOf).join('\n');
    const names = sent.match(/"metrics":\[\{"name":"[a-z._]*"/g) ?? [];
    expect([...new Set(names.map((one) => one.split('"').at(-2)))].sort()).toEqual([
      'certkeeper.audit.age',
      'certkeeper.certificate.expiry',
      'certkeeper.findings',
      'certkeeper.notifications',
      'certkeeper.rotation.duration',
      'certkeeper.syncs',
    ]);
    expect(sent).toContain(key);
    expect(received.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  it('come with a token of the identity where a key is not enough', async () => {
    const received = await measureThere({
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `ClientId=${key};Authorization=AAD`,
    });
    expect(received.length).toBeGreaterThan(0);
    expect(new Set(received.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer token for https://monitor.azure.com/.default']),
    );
  });
});

describe('metrics that go nowhere', () => {
  const figures = jest.fn();
  const now = () => new Date('2026-11-28T03:00:00.000Z');
  const credential = { getToken: () => Promise.resolve(null) };

  it('cost nothing when they are not configured', async () => {
    const log = jest.fn();
    const metrics = makeMetrics(undefined, { figures, now, log, credential });
    metrics.start();
    metrics.rotated(1);
    await metrics.stop();
    expect(log).not.toHaveBeenCalled();
    expect(figures).not.toHaveBeenCalled();
  });

  it('are said to be off when they cannot be started, and nothing fails for it', async () => {
    const log = jest.fn();
    const settings = { otlp: false, connectionString: 'none', intervalMs: 60_000 };
    const metrics = makeMetrics(settings, { figures, now, log, credential });
    metrics.rotated(1);
    await metrics.stop();
    expect(log.mock.calls).toEqual([
      ['metrics.off: OpenTelemetry could not be started with its settings'],
    ]);
  });
});
