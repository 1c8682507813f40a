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
 * @param thresholds `logging.logLevel` of host.json: beginning of a category → lowest level that
 *   is shown (https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-log-levels).
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

/**
 * The lowest level shown for a category: that of the longest text that it begins with, whole words
 * or not, in any case of letters, a `*` standing for anything; then `default`, then `information`
 * (dotnet/runtime LoggerRuleSelector.cs in Microsoft.Extensions.Logging).
 */
export function thresholdFor(
  category: string,
  thresholds: Readonly<Record<string, LogThreshold>>,
): LogThreshold {
  let best: { text: string; threshold: LogThreshold } | undefined;
  for (const [text, threshold] of Object.entries(thresholds)) {
    const isBetter = best === undefined || text.length >= best.text.length;
    if (text !== 'default' && isBetter && matches(category, text)) best = { text, threshold };
  }
  return best?.threshold ?? thresholds['default'] ?? 'information';
}

function matches(category: string, text: string): boolean {
  const name = category.toLowerCase();
  const [prefix = '', suffix = ''] = text.toLowerCase().split('*');
  return name.startsWith(prefix) && name.endsWith(suffix);
}

/** Reads a level as host.json spells it (`Information`); undefined when it is none. */
export function toLogThreshold(text: string): LogThreshold | undefined {
  return logLevels.find((level) => level === text.toLowerCase());
}
