/** Where measurements go, and how often. */
export interface MetricsSettings {
  /** To an OpenTelemetry collector; its exporter reads the standard variables itself. */
  readonly otlp: boolean;
  /** To Azure Monitor. */
  readonly connectionString?: string;
  /** Whether Azure Monitor is to be shown a token of Certkeeper's identity, and not the key alone. */
  readonly signsIn?: boolean;
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
    ...(azureMonitor ? { connectionString, signsIn: wantsSignIn(environment) } : {}),
    intervalMs: /^[1-9]\d{2,7}$/.test(interval) ? Number(interval) : STANDARD_INTERVAL_MS,
  };
}

/**
 * The variable that App Service and the Functions host go by too (`Authorization=AAD`, with
 * `ClientId=…` for a user-assigned identity, which is Certkeeper's own here:
 * https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string).
 */
function wantsSignIn(environment: Environment): boolean {
  const value = environment['APPLICATIONINSIGHTS_AUTHENTICATION_STRING'] ?? '';
  return /(^|;)\s*Authorization\s*=\s*AAD\s*(;|$)/i.test(value);
}
