/**
 * Random courses of what happens to a service's CA certificates, beside what people and certificates
 * of Key Vault were promised: uploads, deletions, rotations, withdrawals, changes of others, crashes,
 * and an Azure that fails, forgets and loses.
 */
import { CA_NUMBERS, type CaMove, type CaStep } from './ca-moves.ts';
import { makeCaSources } from './ca-sources.ts';
import { Crash } from './ca-interruptions.ts';
import type { CaWorldOptions, SentUpdate } from './ca-world.ts';
import { sampleCa } from './sample-ca.ts';
import { makeBinding } from './domain-samples.ts';
import { caKey, type CaEntry } from '../../shared/domain/ca-entry.ts';
import { TerminalError, TransientError } from '../../shared/domain/errors.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';

/** A certificate of Key Vault that is bound to the store, or is being detached from it. */
interface Holder {
  readonly source: Source;
  number?: number;
  leaving: boolean;
  course: number;
}

interface Promised {
  /** When the call began that said so: it knows nothing of what others do after that. */
  readonly began: number;
  readonly at: number;
  /** It is not there yet. */
  readonly comes: boolean;
}

const has = (entries: readonly CaEntry[], key: string): boolean =>
  entries.some((one) => caKey(one) === key);
const keyOf = (one: number): string => caKey(sampleCa(one).entry);

export type CaCourses = ReturnType<typeof makeCaCourses>;

export function makeCaCourses(options: CaWorldOptions & { overlap?: number }) {
  const all = makeCaSources({ entries: [sampleCa(1).entry, sampleCa(2).entry], ...options });
  const { service } = all;
  const holders = ['a', 'b', 'c'].map((name): Holder => ({
    source: { vault: 'kv', name },
    leaving: false,
    course: 0,
  }));
  /** To whom it was said that an entry is there, or comes, and when; by entry. */
  const promised = new Map<string, Map<string, Promised>>();
  /** Entries that somebody deleted, or that a source gave up. */
  const released = new Set<string>();
  /** Entries that somebody else put there, or of whose change nobody knows whether it was heard. */
  const foreign = new Set([keyOf(1), keyOf(2)]);
  /** How often downtime was accepted for a change of an entry. */
  const leave = new Map<string, number>();
  const violations: string[] = [];
  let updates = 0;
  let tier = options.tier ?? 'Premium';
  const busy = new Set<string>();

  const promise = (key: string, whom: string, began: number, comes = false) => {
    const before = promised.get(key) ?? new Map<string, Promised>();
    promised.set(key, before.set(whom, { began, at: +service.now(), comes }));
  };
  const takeBack = (key: string, whom: string) => promised.get(key)?.delete(whom);
  /**
   * What somebody else takes away afterwards is no concern of ours.
   * @param planned given = by an update of that moment: what comes after it may leave before that
   */
  const isPromised = (key: string, planned = Infinity): boolean => {
    const taken = service.steps.filter(
      ({ by, before, after }) => by === 'others' && has(before, key) && !has(after, key),
    );
    const since = Math.max(-1, ...taken.map(({ at }) => at));
    return [...(promised.get(key)?.values() ?? [])].some(
      ({ began, at, comes }) => began > since && !(comes && at >= planned),
    );
  };

  service.routePorts.ledger.binding = (source, target) => {
    const bound = holders.find((one) => formatSource(one.source) === formatSource(source));
    const isBound = bound?.number !== undefined && !bound.leaving;
    return Promise.resolve(isBound ? makeBinding({ source, target }) : undefined);
  };
  service.watch(({ before, next, tier: at, update }: SentUpdate) => {
    updates += 1;
    const stays = new Set(next.map(caKey));
    for (const key of before.map(caKey)) {
      if (stays.has(key)) continue;
      if (isPromised(key, Date.parse(update.intendedAt)))
        violations.push(`${key} was promised, and leaves`);
      if (!released.has(key)) violations.push(`${key} leaves, and nobody asked for it`);
    }
    if (at !== 'Developer') return;
    const accepted = update.changes.map(caKey).filter((key) => (leave.get(key) ?? 0) > 0);
    if (accepted.length === 0) violations.push('downtime that nobody accepted');
    for (const key of accepted) leave.set(key, (leave.get(key) ?? 0) - 1);
  });

  /** One look of a source's sync. */
  const sync = async (holder: Holder): Promise<'done' | 'waits' | 'refused'> => {
    const { source, number: current, leaving } = holder;
    const began = +service.now();
    if (current === undefined) return 'done';
    const name = formatSource(source);
    const asker = `${name} ${String(holder.course)}`;
    try {
      const state = leaving
        ? await all.letGoOnce(asker, source)
        : await all.keepOnce(current, asker, source);
      if (state.kind === 'waiting') return 'waits';
      holder.course += 1;
      if (leaving) delete holder.number;
      else promise(`Root/${sampleCa(current).entry.thumbprint}`, name, began);
      holder.leaving = false;
      return 'done';
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      holder.course += 1;
      return 'refused';
    }
  };
  const giveUp = ({ source, number: before }: Holder): void => {
    if (before === undefined) return;
    released.add(keyOf(before));
    takeBack(keyOf(before), formatSource(source));
  };

  const perform = async (one: CaMove): Promise<void> => {
    const [first = 1] = one.of ?? [];
    const { entry } = sampleCa(first);
    const holder = holders[one.who ?? 0];
    const more = { acceptDowntime: one.accept };
    const count = (keys: readonly string[]): void => {
      for (const key of one.accept ? keys : []) leave.set(key, (leave.get(key) ?? 0) + 1);
    };
    switch (one.does) {
      case 'upload': {
        const keys = (one.of ?? []).map(keyOf);
        const began = +service.now();
        count(keys);
        try {
          const { entries } = await service.upload(one.of ?? [], more);
          for (const each of entries)
            promise(caKey(each), 'hand', began, each.outcome === 'queued');
        } catch (error) {
          if (error instanceof Crash) for (const key of keys) foreign.add(key);
          throw error;
        }
        break;
      }
      case 'remove':
        count([caKey(entry)]);
        try {
          await service.remove(entry, one.unknown, more);
        } catch (error) {
          if (error instanceof TerminalError) throw error;
          foreign.add(caKey(entry));
          released.add(caKey(entry));
          takeBack(caKey(entry), 'hand');
          throw error;
        }
        released.add(caKey(entry));
        takeBack(caKey(entry), 'hand');
        break;
      case 'bind':
        if (holder === undefined || holder.leaving || busy.has(holder.source.name)) return;
        if (holder.number !== first) giveUp(holder);
        holder.number = first;
        holder.course += 1;
        break;
      case 'detach':
        if (holder?.number === undefined || busy.has(holder.source.name)) return;
        giveUp(holder);
        holder.leaving = true;
        holder.course += 1;
        break;
      case 'sync':
        if (holder === undefined || busy.has(holder.source.name)) return;
        busy.add(holder.source.name);
        try {
          await sync(holder);
        } finally {
          busy.delete(holder.source.name);
        }
        break;
      case 'advance':
      case 'update':
        if (busy.has('advance')) return;
        busy.add('advance');
        try {
          for (let steps = one.count ?? 1; steps > 0; steps -= 1) {
            const { state, afterSeconds = 0 } = await service.advance();
            if (state === 'ended') break;
            if (one.does === 'update') service.pass(afterSeconds);
          }
        } finally {
          busy.delete('advance');
        }
        break;
      case 'pass':
        service.pass(one.count ?? 1);
        break;
      case 'others-add':
        if (
          service.others((entries) =>
            entries.length < 10 && !entries.some((other) => caKey(other) === caKey(entry))
              ? [...entries, entry]
              : entries,
          )
        ) {
          foreign.add(caKey(entry));
        }
        break;
      case 'others-remove':
        // Before an update has been read back, it cannot be told from what that lost: put back once.
        if ((await service.peek()).update?.wanted.some((other) => caKey(other) === caKey(entry)))
          foreign.add(caKey(entry));
        service.others((entries) => entries.filter((other) => caKey(other) !== caKey(entry)));
        break;
      case 'tier':
        // Another tier is a change of the service too, for which it is locked.
        if (busy.has('advance')) return;
        tier = tier === 'Premium' ? 'Developer' : 'Premium';
        service.becomes(tier);
        break;
      case 'fail':
        service.failsNext();
        break;
      case 'refuse':
        service.refuses(entry);
        break;
      case 'forget':
        service.forgetsNext({ effect: one.accept });
        break;
      default:
        service.losesNext((next) => next.filter((_, at) => at !== (one.count ?? 0)));
    }
  };
  const tryTo = async (one: CaMove): Promise<void> => {
    try {
      await perform(one);
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
    }
  };

  return {
    ...{ all, promised, released, foreign, violations, isPromised },
    updates: () => updates,
    run: async ({ move: one, calls = 1, between }: CaStep): Promise<void> => {
      if (typeof between === 'boolean') service.crash(calls, between);
      else if (between !== undefined) service.cutInAt(calls, () => tryTo(between));
      try {
        await tryTo(one);
      } catch (error) {
        if (!(error instanceof Crash) && !(error instanceof TransientError)) throw error;
      }
    },
    /** Nothing comes between any more; every sync is followed to its end. */
    rest: async (): Promise<void> => {
      service.calm();
      service.becomes('Premium');
      for (let known = 1; known <= CA_NUMBERS; known += 1) await service.keepCopy(known);
      await service.finish();
      for (let rounds = 0; rounds < 4; rounds += 1) {
        for (const holder of holders) {
          for (let looks = 0; looks < 6; looks += 1) {
            const state = await sync(holder);
            if (state === 'done') break;
            await service.finish();
          }
        }
        service.pass(31 * 86_400);
        await service.finish();
      }
    },
  };
}
