import type { KitFunctions } from './to-functions.ts';

export interface OrchestrationKitOptions extends KitFunctions {
  /**
   * Whether the clock jumps to the next timer when nothing else can go on (default true). Without
   * it timers fire only by `advance`.
   */
  readonly autoAdvance?: boolean;
  /** What the clock shows at first (default 2026-01-01T00:00:00Z). It moves only as told. */
  readonly startAt?: string;
  /** `extensions.durableTask` of host.json. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Folder of the task hub; one of the kit's own, which it removes, unless given. */
  readonly stateDir?: string;
  /** App settings that the host looks at: where identity tokens for HTTP calls come from. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * By default every turn reads the history from the disk and replays all of it; `cached` keeps
   * histories in memory as the host does.
   */
  readonly replay?: 'always' | 'cached';
}

const known: Readonly<Record<keyof OrchestrationKitOptions, true>> = {
  orchestrators: true,
  activities: true,
  entities: true,
  autoAdvance: true,
  startAt: true,
  settings: true,
  stateDir: true,
  environment: true,
  replay: true,
};

/** For tests in JavaScript. Thrown when an option has a name that the kit does not know: TypeError. */
export function requireKnownOptions(options: OrchestrationKitOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  throw new TypeError(
    `makeOrchestrationKit has no option '${unknown}'; it has ${Object.keys(known).join(', ')}.`,
  );
}
