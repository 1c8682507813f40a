/** Levels in rising order, named as in host.json and in the worker protocol. */
export const logLevels = [
  'trace',
  'debug',
  'information',
  'warning',
  'error',
  'critical',
  'none',
] as const;

/** `none` switches a category off; no line carries it. */
export type LogThreshold = (typeof logLevels)[number];
export type LogLevel = Exclude<LogThreshold, 'none'>;

export interface HostLogLine {
  readonly at: Date;
  readonly level: LogLevel;
  /** As on Azure: `Host.Startup`, `Function.{name}`, `Function.{name}.User`, `Host.Triggers.…`. */
  readonly category: string;
  readonly message: string;
  /** Set on lines that belong to one invocation. */
  readonly functionName?: string;
  readonly invocationId?: string;
}

/** Writes a line if host.json lets its category speak at this level. */
export type HostLog = (
  level: LogLevel,
  category: string,
  message: string,
  invocation?: { readonly functionName: string; readonly invocationId: string },
) => void;

/**
 * Builds the host's log.
 * @param thresholds `logging.logLevel` of host.json: category prefix → lowest level that is shown.
 *   The longest matching prefix wins, then `default`, then `information`
 *   (https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-log-levels).
 */
export function makeLog(
  thresholds: Readonly<Record<string, LogThreshold>>,
  write: (line: HostLogLine) => void,
  now: () => Date = () => new Date(),
): HostLog {
  const thresholdByCategory = new Map<string, number>();
  return (level, category, message, invocation) => {
    let threshold = thresholdByCategory.get(category);
    if (threshold === undefined) {
      threshold = logLevels.indexOf(thresholdFor(category, thresholds));
      thresholdByCategory.set(category, threshold);
    }
    if (logLevels.indexOf(level) < threshold) return;
    write({ at: now(), level, category, message, ...invocation });
  };
}

/** The lowest level shown for a category. */
export function thresholdFor(
  category: string,
  thresholds: Readonly<Record<string, LogThreshold>>,
): LogThreshold {
  let best: { prefix: string; threshold: LogThreshold } | undefined;
  for (const [prefix, threshold] of Object.entries(thresholds)) {
    const matches = category === prefix || category.startsWith(`${prefix}.`);
    if (matches && prefix.length > (best?.prefix.length ?? 0)) best = { prefix, threshold };
  }
  return best?.threshold ?? thresholds['default'] ?? 'information';
}

/** Reads a level as host.json spells it (`Information`); undefined when it is none. */
export function toLogThreshold(text: string): LogThreshold | undefined {
  return logLevels.find((level) => level === text.toLowerCase());
}
