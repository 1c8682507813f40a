import { readMetrics } from '../../../shared/metrics/settings.ts';

const OTLP = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const INSIGHTS = {
  APPLICATIONINSIGHTS_CONNECTION_STRING:
    'InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://in.example/',
};
const base = { intervalMs: 60_000 };

describe('where measurements go, by the settings', () => {
  test.each<[string, Record<string, string>, ReturnType<typeof readMetrics>]>([
    ['nowhere, by default', {}, undefined],
    ['to a collector', OTLP, { otlp: true, ...base }],
    [
      'to a collector of metrics alone',
      { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/v1/metrics' },
      { otlp: true, ...base },
    ],
    [
      'to Azure Monitor',
      INSIGHTS,
      {
        otlp: false,
        connectionString: INSIGHTS.APPLICATIONINSIGHTS_CONNECTION_STRING,
        signsIn: false,
        ...base,
      },
    ],
    [
      'to Azure Monitor, with a token',
      { ...INSIGHTS, APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=x; authorization = aad' },
      {
        otlp: false,
        connectionString: INSIGHTS.APPLICATIONINSIGHTS_CONNECTION_STRING,
        signsIn: true,
        ...base,
      },
    ],
    [
      'nowhere, with a connection string that is none',
      { APPLICATIONINSIGHTS_CONNECTION_STRING: 'x' },
      undefined,
    ],
    ['nowhere, switched off', { ...OTLP, ...INSIGHTS, OTEL_SDK_DISABLED: 'true' }, undefined],
    ['nowhere, with metrics switched off', { ...OTLP, OTEL_METRICS_EXPORTER: 'none' }, undefined],
    [
      'as often as wanted',
      { ...OTLP, OTEL_METRIC_EXPORT_INTERVAL: '500' },
      { otlp: true, ...base, intervalMs: 500 },
    ],
    [
      'a wrong interval counts as none',
      { ...OTLP, OTEL_METRIC_EXPORT_INTERVAL: '-1' },
      { otlp: true, ...base },
    ],
  ])('%s', (_name, environment, expected) => {
    expect(readMetrics(environment)).toEqual(expected);
  });
});
