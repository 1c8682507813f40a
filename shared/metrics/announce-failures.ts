import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';

/** A collector that is down fails once a minute; said so often, nobody reads it. */
const SAID_AT_MOST_EVERY_MS = 900_000;
/** `ExportResultCode.SUCCESS` of @opentelemetry/core. */
const SUCCESS = 0;

/**
 * An exporter whose failures can be seen in the log, now and then. OpenTelemetry keeps them to itself.
 * Why one failed is not said: the error may quote an address with what stands in it.
 */
export function announceFailures(
  exporter: PushMetricExporter,
  log: (line: string) => void,
  now: () => Date,
): PushMetricExporter {
  let quietUntil = 0;
  const announce = (code: number): void => {
    const at = now().getTime();
    if (code === SUCCESS || at < quietUntil) return;
    quietUntil = at + SAID_AT_MOST_EVERY_MS;
    log('metrics.lost: an export failed; look at the endpoint that the settings name');
  };
  return {
    export(metrics, done) {
      exporter.export(metrics, (result) => {
        announce(result.code);
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
    // What an exporter prefers goes through as it is; both methods are optional.
    ...bound(exporter, 'selectAggregation'),
    ...bound(exporter, 'selectAggregationTemporality'),
  };
}

function bound<Name extends 'selectAggregation' | 'selectAggregationTemporality'>(
  exporter: PushMetricExporter,
  name: Name,
): Partial<PushMetricExporter> {
  const method = exporter[name];
  return method === undefined ? {} : { [name]: method.bind(exporter) };
}
