/**
 * The instruments, and where they are exported to. The only module that knows OpenTelemetry: it is
 * loaded lazily (see make-metrics.ts). docs/metrics.md names every instrument and its attributes.
 */
import { randomUUID } from 'node:crypto';
import {
  AzureMonitorMetricExporter,
  type AzureMonitorExporterOptions,
} from '@azure/monitor-opentelemetry-exporter';
import type { BatchObservableResult } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import type { MetricsSettings } from './settings.ts';
import { announceFailures } from './announce-failures.ts';
import type { AuditFigures, Metrics } from '../domain/metrics.ts';

export interface OpenTelemetry extends Metrics {
  shutdown(): Promise<void>;
}

export interface OpenTelemetryPorts {
  /** The last audit's figures, read anew for each export; one call to storage. */
  readonly figures: () => Promise<AuditFigures | undefined>;
  readonly now: () => Date;
  readonly log: (line: string) => void;
  /** Certkeeper's identity, for an Azure Monitor that takes no key. */
  readonly credential: NonNullable<AzureMonitorExporterOptions['credential']>;
}

/** From what a rotation takes to what an outage of days makes of it. */
const ROTATION_SECONDS = [1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400, 604_800];
const DAY_MS = 86_400_000;

/** Thrown when an exporter cannot be made of its settings: whatever it throws. */
export function startOpenTelemetry(
  settings: MetricsSettings,
  { figures, now, log, credential }: OpenTelemetryPorts,
): OpenTelemetry {
  const provider = new MeterProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': 'certkeeper',
          'service.instance.id': process.env['WEBSITE_INSTANCE_ID'] ?? randomUUID(),
        }),
      )
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before what stands above.
      .merge(detectResources({ detectors: [envDetector] })),
    readers: makeExporters(settings, credential).map(
      (exporter) =>
        new PeriodicExportingMetricReader({
          exporter: announceFailures(exporter, log, now),
          exportIntervalMillis: settings.intervalMs,
          exportTimeoutMillis: Math.min(settings.intervalMs, 30_000),
        }),
    ),
  });
  const meter = provider.getMeter('certkeeper');
  const rotation = meter.createHistogram('certkeeper.rotation.duration', {
    description: "From a version's creation in the vault until it was verified at a target",
    unit: 's',
    advice: { explicitBucketBoundaries: ROTATION_SECONDS },
  });
  const syncs = meter.createCounter('certkeeper.syncs', {
    description: 'Syncs that ended',
    unit: '{sync}',
  });
  const notifications = meter.createCounter('certkeeper.notifications', {
    description: 'Attempts to tell a place',
    unit: '{attempt}',
  });
  const findings = meter.createObservableGauge('certkeeper.findings', {
    description: 'Findings of the last audit',
    unit: '{finding}',
  });
  const expiry = meter.createObservableGauge('certkeeper.certificate.expiry', {
    description: 'Days until the first certificate there expires; negative = it is over',
    unit: 'd',
  });
  const age = meter.createObservableGauge('certkeeper.audit.age', {
    description: 'How long ago the last audit was completed',
    unit: 's',
  });
  meter.addBatchObservableCallback(observe, [findings, expiry, age]);

  async function observe(result: BatchObservableResult): Promise<void> {
    const last = await figures();
    if (last === undefined) return;
    const at = now().getTime();
    result.observe(age, (at - Date.parse(last.at)) / 1_000);
    for (const { count, code, severity, acknowledged } of last.findings) {
      result.observe(findings, count, { code, severity, acknowledged });
    }
    for (const { kind, name, expiresAt } of last.expirations) {
      result.observe(expiry, (Date.parse(expiresAt) - at) / DAY_MS, { kind, name });
    }
  }

  return {
    syncEnded: (outcome) => syncs.add(1, { outcome }),
    rotated: (seconds) => rotation.record(seconds),
    notified: (place, outcome) => notifications.add(1, { place, outcome }),
    shutdown: () => provider.shutdown(),
  };
}

function makeExporters(
  { otlp, connectionString, signsIn = false }: MetricsSettings,
  credential: OpenTelemetryPorts['credential'],
) {
  const exporters: PushMetricExporter[] = otlp ? [new OTLPMetricExporter()] : [];
  if (connectionString !== undefined) {
    // It would report on itself to its maker, and look for the metadata service of a machine.
    process.env['APPLICATION_INSIGHTS_NO_STATSBEAT'] ??= 'true';
    exporters.push(
      new AzureMonitorMetricExporter({
        connectionString,
        ...(signsIn ? { credential } : {}),
        // The next export says the same or more; nothing is worth a file on this disk.
        disableOfflineStorage: true,
      }),
    );
  }
  return exporters;
}
