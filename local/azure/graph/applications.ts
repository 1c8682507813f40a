/**
 * Applications in the store, with the few versions that reads may still show: the directory is
 * eventually consistent, and `graph.replicationSeconds` says for how long.
 */
import type { World } from '../service.ts';
import type { KeyCredential } from './key-credentials.ts';

export interface Application {
  /** The object id. */
  readonly id: string;
  /** The client id. */
  readonly appId: string;
  readonly displayName: string;
  readonly createdDateTime: string;
  /** Object ids. */
  readonly owners: readonly string[];
  readonly keyCredentials: readonly KeyCredential[];
  /** What was given besides and is answered as it was given. */
  readonly more: Readonly<Record<string, unknown>>;
}

/** How a request names an application. */
export interface ApplicationName {
  readonly by: 'id' | 'appId';
  readonly value: string;
}

export interface Applications {
  /** As it is: what a change starts from. */
  latest(name: ApplicationName): Application | undefined;
  /** As reads and sign-ins see it. */
  seen(name: ApplicationName): Application | undefined;
  /** All of them, as reads see them. */
  list(): Application[];
  save(application: Application): void;
  /** Seen at once, however long changes take. */
  remove(application: Application): void;
}

interface Stored {
  /** Oldest first; the last one is the truth. */
  readonly versions: readonly { readonly at: string; readonly application: Application }[];
}

const BY_ID = 'graph.applications';
const BY_APP_ID = 'graph.applicationsByAppId';

export function makeApplications(
  { store, clock }: World,
  replicationSeconds: () => number,
): Applications {
  const find = ({ by, value }: ApplicationName): Stored | undefined => {
    const key = value.toLowerCase();
    if (by === 'id') return store.get<Stored>(BY_ID, key);
    const found = store.get<{ id: string }>(BY_APP_ID, key);
    return found === undefined ? undefined : store.get<Stored>(BY_ID, found.id);
  };
  /** The newest version that has arrived everywhere. */
  const arrived = ({ versions }: Stored): Application | undefined => {
    const since = clock.now().getTime() - replicationSeconds() * 1000;
    return versions.findLast(({ at }) => Date.parse(at) <= since)?.application;
  };

  return {
    latest: (name) => find(name)?.versions.at(-1)?.application,
    seen(name) {
      const stored = find(name);
      return stored === undefined ? undefined : arrived(stored);
    },
    list: () => store.list<Stored>(BY_ID).flatMap(({ document }) => arrived(document) ?? []),
    save(application) {
      const id = application.id.toLowerCase();
      const since = clock.now().getTime() - replicationSeconds() * 1000;
      const before = store.get<Stored>(BY_ID, id)?.versions ?? [];
      const oldest = before.findLastIndex(({ at }) => Date.parse(at) <= since);
      store.transaction(() => {
        store.put(BY_ID, id, {
          versions: [
            ...before.slice(Math.max(0, oldest)),
            { at: clock.now().toISOString(), application },
          ],
        } satisfies Stored);
        store.put(BY_APP_ID, application.appId.toLowerCase(), { id });
      });
    },
    remove({ id, appId }) {
      store.transaction(() => {
        store.delete(BY_ID, id.toLowerCase());
        store.delete(BY_APP_ID, appId.toLowerCase());
      });
    },
  };
}
