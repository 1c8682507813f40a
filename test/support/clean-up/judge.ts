/**
 * Whether a removal was right, by what those know who changed the estate. It watches the line on which
 * Certkeeper removes, and believes nothing that Certkeeper says of itself but that it wrote down first.
 */
import type { Cleanup, CleanupPolicy } from '../../../shared/domain/cleanup.ts';
import { formatTarget } from '../../../shared/domain/target.ts';
import type { Certkeeper } from './certkeeper.ts';
import type { Estate } from './estate.ts';
import type { Content, SourceNote, TargetNote } from './notes.ts';
import { uses } from './references.ts';
import type { Rig } from './rig.ts';
import type { Sent, Watcher } from './wire.ts';

export interface Removed {
  readonly target: TargetNote;
  readonly source: SourceNote;
  readonly content: Content;
  readonly at: number;
  readonly fate: SourceNote['state'];
}

/** Moments at which something may happen that Certkeeper cannot have seen before. */
export type Moment = 'scan' | 'sight' | 'delete';

export interface Judge extends Watcher {
  readonly wrongs: string[];
  readonly removals: Removed[];
  /** Called once at the next such moment. */
  at(moment: Moment, act: (target: TargetNote | undefined) => Promise<void>): void;
  /** What was to happen at a moment that did not come does not happen. */
  forget(): void;
  /** What uses certificates there is looked at from now on, or would be. */
  looksThrough(service: string): void;
  /** Until the next sweep nothing may be changed. */
  dry: boolean;
}

const CERTIFICATE = /\/service\/([^/]+)(?:\/workspaces\/([^/]+))?\/certificates\/([^/]+)$/i;

export function makeJudge(
  rig: Rig,
  estate: Estate,
  certkeeper: () => Certkeeper,
  policy: CleanupPolicy,
): Judge {
  const wrongs: string[] = [];
  const removals: Removed[] = [];
  const hooks = new Map<Moment, (target: TargetNote | undefined) => Promise<void>>();
  /** Services by the act after which their uses were looked at. */
  const lookedThrough = new Map<string, number>();
  let pending: (Removed & { readonly wrong: readonly string[] }) | undefined;

  const strike = async (moment: Moment, target?: TargetNote): Promise<void> => {
    const hook = hooks.get(moment);
    hooks.delete(moment);
    await hook?.(target);
  };
  const find = ({ path }: Sent): TargetNote | undefined => {
    const [, service, workspace, id] = CERTIFICATE.exec(path) ?? [];
    return estate.targets.find(
      (one) =>
        one.serviceName === service && one.workspace === workspace && one.id === id?.toLowerCase(),
    );
  };

  const judge = async (target: TargetNote): Promise<typeof pending> => {
    const content = await estate.contentOf(target);
    // Nothing is there: nothing is taken from anybody.
    if (content === undefined) return undefined;
    const wrong: string[] = [];
    const say = (text: string): number => wrong.push(`${target.path} was removed: ${text}`);
    const at = rig.now().getTime();
    const { of: source } = content;
    const row = source === undefined ? undefined : await intention(certkeeper(), target, source);
    if (source === undefined) {
      say('what is there is nobody’s whom Certkeeper knows');
      return { target, source: target.source, content, at, fate: 'alive', wrong };
    }
    if (policy.mode === 'report') say('nothing is to be removed at all');
    if (row === undefined) say('it was not written down before');
    else if (Date.parse(row.since) + policy.graceSeconds * 1_000 > at) {
      say(`by its own row, its grace is not over: since ${row.since}`);
    }
    if (!target.owned && !policy.discovered) say('it is not owned');
    if (target.doubted) say('too many went at once, and nobody has confirmed it');
    if (source.toldIgnored) say('its source was tagged certkeeper: ignore');
    judgeSource(source, at, say);
    const since = lookedThrough.get(target.service) ?? 0;
    const { service, workspace, id } = target;
    const referred = { service, workspace, id, thumbprint: content.thumbprint };
    for (const reference of estate.references.values()) {
      // What came after the look cannot be seen; only the service itself could refuse it.
      if (reference.since <= since && uses(reference, referred)) {
        say(`${reference.document} uses it, or may`);
      }
    }
    // What nobody recovered in time has purged itself, and tells its tags no more.
    const lapsed = source.state === 'deleted' && at >= source.recoverableUntil - 2_000;
    return { target, source, content, at, fate: lapsed ? 'purged' : source.state, wrong };
  };
  const judgeSource = (source: SourceNote, at: number, say: (text: string) => number): void => {
    const { state, vault } = source;
    if (!vault.there) say(`the vault of ${source.key} is gone, which says nothing of it`);
    if (state === 'vanished') say(`${source.key} went with its vault`);
    if (state === 'alive') {
      if (source.aliveSince <= source.lookedAt) say(`${source.key} is alive`);
      return;
    }
    const { deletedAt, deletedBefore } = source;
    const gone = state === 'purged' ? (deletedBefore ?? deletedAt) : deletedAt;
    const days = (at - gone) / 86_400_000;
    if (at - gone < policy.graceSeconds * 1_000) {
      say(`${source.key} was deleted ${days.toFixed(2)} days ago, which is before its grace`);
    }
    const found = source.foundGone ?? at;
    if (deletedBefore === undefined && at - found < policy.graceSeconds * 1_000) {
      say(`${source.key} was found gone too short a time ago`);
    }
    if (policy.afterRecovery && state === 'deleted' && at < source.recoverableUntil - 2_000) {
      say(`${source.key} can still be recovered`);
    }
  };

  return {
    wrongs,
    removals,
    dry: false,
    at: (moment, act) => hooks.set(moment, act),
    forget: () => hooks.clear(),
    looksThrough(service) {
      const note = estate.services.find((one) => one.name === service);
      if (note !== undefined) lookedThrough.set(note.id, estate.act());
    },
    async before(sent) {
      const { method, host, path } = sent;
      if (this.dry && (method === 'PUT' || method === 'DELETE')) {
        wrongs.push(`a dry run sent ${method} ${path}`);
      }
      if (method === 'GET' && /\/service\/[^/]+\/namedValues$/i.test(path)) await strike('scan');
      if (method === 'GET' && host.includes('.vault.') && /certificates\/[^/]+$/.test(path)) {
        await strike('sight');
        const key = `${host.split('.')[0] ?? ''}/${path.slice(path.lastIndexOf('/') + 1)}`;
        const source = estate.sources.find((one) => one.key === key);
        // Between the look for it and the look for a deleted one it may come back unseen.
        if (source !== undefined && path.startsWith('/certificates/')) {
          source.lookedAt = estate.act();
        }
      }
      if (method !== 'DELETE') return;
      const target = find(sent);
      if (target === undefined) {
        if (CERTIFICATE.test(path)) wrongs.push(`${path} was removed, and nobody knows of it`);
        return;
      }
      await strike('delete', target);
      pending = await judge(target);
    },
    async after(sent, status, arrives) {
      if (status >= 300) return;
      const deleted = /^\/deletedcertificates\/([^/]+)$/.exec(sent.path)?.[1];
      if (deleted !== undefined && arrives) {
        const key = `${sent.host.split('.')[0] ?? ''}/${deleted}`;
        const source = estate.sources.find((one) => one.key === key);
        // What a dry run is told it writes down nowhere, and what is purged meanwhile tells nobody again.
        if (source !== undefined && !this.dry) source.toldIgnored = source.ignored;
      }
      const target = find(sent);
      if (target === undefined) return;
      if (sent.method === 'PUT') target.owned = true;
      if (sent.method !== 'DELETE' || pending === undefined) return;
      const { wrong, ...removed } = pending;
      removals.push(removed);
      wrongs.push(...wrong);
      pending = undefined;
    },
  };
}

async function intention(
  { own }: Certkeeper,
  target: TargetNote,
  source: SourceNote,
): Promise<Cleanup | undefined> {
  for await (const { cleanup } of own.cleanups.list()) {
    const same = formatTarget(cleanup.target) === target.path;
    const of = `${cleanup.source.vault}/${cleanup.source.name}` === source.key;
    if (same && of && cleanup.status === 'intended') return cleanup;
  }
  return undefined;
}
