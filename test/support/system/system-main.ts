/**
 * Runs the whole system in a process of its own for tests: options come as JSON in argv, the
 * addresses go back over the channel, and the process ends with its parent.
 */
import { startSystem, type SystemOptions } from '../../../local/system.ts';

// Written by running-system.ts, which types it.
const options = JSON.parse(process.argv[2] ?? '{}') as SystemOptions;

void startSystem(options).then(
  (system) => {
    const { hostUrl, azureUrl, keys, headers } = system;
    process.send?.({ kind: 'ready', hostUrl, azureUrl, keys, headers });
    const stop = (): void => {
      void system.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    };
    process.on('SIGTERM', stop);
    process.on('disconnect', stop);
  },
  (error: unknown) => {
    process.send?.({ kind: 'failed', message: error instanceof Error ? error.message : '' });
    process.exit(1);
  },
);
