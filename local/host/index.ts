/** A Functions host for one machine; `main.ts` is its command line. */
import {
  startHostWith,
  type HostOptions,
  type MakeDurableExtension,
  type RunningHost,
} from './start-host.ts';

export { readRoles } from './command-line.ts';
export type { CorsSettings } from './http/cors.ts';
export type { HostKeys } from './keys.ts';
export type { HostLogLine, LogLevel } from './log.ts';
export type { TestPrincipal } from './sign-in/principal.ts';
export type { SignInOptions } from './sign-in/sign-in.ts';
export { HostStartError, type HostStartErrorCode } from './start-error.ts';
export type { HostFunctionSummary, HostOptions, RunningHost } from './start-host.ts';

/**
 * Starts an app as Azure Functions would: loads its `main`, puts its functions behind their
 * triggers, and keeps what must outlive the process in the state folder. One host to a process.
 * Thrown when the app or its surroundings are not fit to start: HostStartError, whose message says
 * what to do.
 */
export function startHost(options: HostOptions): Promise<RunningHost> {
  return startHostWith(options, async (): Promise<MakeDurableExtension> => {
    // Loaded only for apps that need it: it brings SQLite along.
    const { makeDurableExtension } = await import('./durable/index.ts');
    return makeDurableExtension;
  });
}
