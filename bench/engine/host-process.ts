/** A process with the real host and one of the engines that are compared. */
import path from 'node:path';
import { openDatabase, openMemoryDatabase } from '../../local/host/durable/database.ts';
import { makeDurableExtension } from '../../local/host/durable/index.ts';
import { startHostWith } from '../../local/host/start-host.ts';
import { repositoryRoot } from '../../local/repository.ts';
import { makeReplayLoop } from './replay-loop.ts';

/** What the engine keeps its state in: `disk` is what users get, `none` is no engine but a bound. */
export const storages = ['disk', 'memory', 'none'] as const;
export type Storage = (typeof storages)[number];

/** What the process sends when it serves. */
export interface Serving {
  readonly url: string;
  /** The key of the Durable management API. */
  readonly code: string;
}

/** The app that the engines run. */
export const chainApp = path.join(repositoryRoot(), 'bench', 'engine', 'chain-app');

/**
 * Runs a host until the process that forked this one lets go of the channel.
 * @param stateDir the state folder; `memory` and `none` keep no orchestration there
 */
export async function runHostProcess(storage: Storage, stateDir: string): Promise<void> {
  const host = await startHostWith({ appDir: chainApp, stateDir, port: 0 }, () =>
    Promise.resolve((options) => {
      if (storage === 'none') return makeReplayLoop();
      return makeDurableExtension(options, storage === 'disk' ? openDatabase : openMemoryDatabase);
    }),
  );
  process.once('disconnect', () => void host.stop().then(() => process.exit(0)));
  process.send?.({ url: host.url, code: host.keys.durable } satisfies Serving);
}
