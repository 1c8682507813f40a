/** Where measurements go, and how often. */
export interface MetricsSettings {
  /** To an OpenTelemetry collector; its exporter reads the standard variables itself. */
  readonly otlp: boolean;
  /** To Azure Monitor. */
  readonly connectionString?: string;
  readonly intervalMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What the specification says (OpenTelemetry, environment variables, periodic exporting reader). */
const STANDARD_INTERVAL_MS = 60_000;

/**
 * Reads OpenTelemetry's own variables, and Application Insights' connection string. A value that
 * cannot be used counts as not set, as the specification wants it: no certificate waits for that.
 * @returns undefined when nothing is to be measured
 */
export function readMetrics(environment: Environment): MetricsSettings | undefined {
  const isSet = (name: string): boolean => (environment[name] ?? '').trim() !== '';
  const is = (name: string, value: string): boolean =>
    environment[name]?.trim().toLowerCase() === value;
  if (is('OTEL_SDK_DISABLED', 'true') || is('OTEL_METRICS_EXPORTER', 'none')) return undefined;
  const otlp = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'].some(isSet);
  const connectionString = environment['APPLICATIONINSIGHTS_CONNECTION_STRING']?.trim() ?? '';
  const azureMonitor = /(^|;)\s*InstrumentationKey=[0-9a-f-]{36}/i.test(connectionString);
  if (!otlp && !azureMonitor) return undefined;
  const interval = environment['OTEL_METRIC_EXPORT_INTERVAL']?.trim() ?? '';
  return {
    otlp,
    ...(azureMonitor ? { connectionString } : {}),
    intervalMs: /^[1-9]\d{2,7}$/.test(interval) ? Number(interval) : STANDARD_INTERVAL_MS,
  };
}
