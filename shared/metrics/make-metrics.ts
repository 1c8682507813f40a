import type { OpenTelemetry, OpenTelemetryPorts } from './open-telemetry.ts';
import type { MetricsSettings } from './settings.ts';
import type { Metrics } from '../domain/metrics.ts';

/** Metrics of this process, from its start to its end. */
export interface RunningMetrics extends Metrics {
  /** Begins to export. Loads OpenTelemetry, which nothing waits for. */
  start(): void;
  /** Exports what is there, and ends. Bounded in time. */
  stop(): Promise<void>;
}

/** A host gives an app some seconds to end. */
const STOP_TAKES_AT_MOST_MS = 5_000;

/**
 * Measures, if that is configured. OpenTelemetry is loaded when it is first needed and not before: an
 * app that measures nothing pays nothing for it at its start.
 */
export function makeMetrics(
  settings: MetricsSettings | undefined,
  ports: OpenTelemetryPorts,
): RunningMetrics {
  if (settings === undefined) return SILENT;
  let loading: Promise<OpenTelemetry | undefined> | undefined;
  const load = (): Promise<OpenTelemetry | undefined> =>
    (loading ??= import('./open-telemetry.ts')
      .then(({ startOpenTelemetry }) => startOpenTelemetry(settings, ports))
      .catch(() => {
        ports.log('metrics.off: OpenTelemetry could not be started with its settings');
        return undefined;
      }));
  const record = (take: (to: OpenTelemetry) => void): void => {
    void load().then((to) => {
      if (to !== undefined) take(to);
    });
  };
  return {
    syncEnded: (verdict) => record((to) => to.syncEnded(verdict)),
    rotated: (seconds) => record((to) => to.rotated(seconds)),
    notified: (place, outcome) => record((to) => to.notified(place, outcome)),
    start: () => void load(),
    async stop() {
      if (loading === undefined) return;
      const ending = loading.then((to) => to?.shutdown());
      await Promise.race([ending.catch(() => undefined), delay(STOP_TAKES_AT_MOST_MS)]);
    },
  };
}

const nothing = (): void => undefined;
const SILENT: RunningMetrics = {
  syncEnded: nothing,
  rotated: nothing,
  notified: nothing,
  start: nothing,
  stop: () => Promise.resolve(),
};

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
