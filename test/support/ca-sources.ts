/** Certificates of a vault that are kept in a service's store of roots: all in memory. */
import { SERVICE } from './ca-service.ts';
import { makeCaWorld, type CaWorldOptions } from './ca-world.ts';
import { sampleCa } from './sample-ca.ts';
import { makeLooks, SOURCE } from './domain-samples.ts';
import { makeMemoryLedger } from './memory-ledger.ts';
import {
  makeKeepCaTarget,
  makeLetCaTargetGo,
  makeObserveCaTarget,
  type CaWaiting,
} from '../../functions/activities/ca/keep-ca-target.ts';
import type { Source } from '../../shared/domain/source.ts';
import type { CaTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

const TARGET: CaTarget = { kind: 'ca-certificate', service: SERVICE, store: 'Root' };
export const CA_SOURCES = { TARGET, DAY: 86_400 } as const;

export type CaSources = ReturnType<typeof makeCaSources>;

/** A vault whose certificates are known by a number: the one that each shows now. */
export function makeCaSources(options: CaWorldOptions & { overlap?: number } = {}) {
  const service = makeCaWorld(options);
  const ledger = makeMemoryLedger();
  const current = new Map<string, number>();
  const updates: string[] = [];
  const updater = {
    request: (name: string) => Promise.resolve(void updates.push(`request ${name}`)),
    ensure: (name: string) => Promise.resolve(void updates.push(`ensure ${name}`)),
  };
  const ports = {
    ...{ stores: service.stores, copies: service.copies, caLedger: service.ledger, ledger },
    // Whatever is in the vault is a root here.
    readCaFile: async (der: Uint8Array) => {
      const read = await service.routePorts.readCaFile(der, undefined);
      return {
        ...read,
        certificates: read.certificates.map((one) => ({ ...one, store: 'Root' as const })),
      };
    },
    certificates: {
      readPublic: (source: Source) => {
        const number = current.get(source.name) ?? 0;
        const { thumbprint } = sampleCa(number).entry;
        return Promise.resolve({
          ...{ thumbprint, version: `v${String(number)}`, createdAt: '', tags: {} },
          der: Buffer.from(JSON.stringify([number])).toString('base64'),
          ...{ startsAt: '', expiresAt: '', looks: makeLooks() },
        });
      },
    },
    downtime: options.downtime ?? 'ask',
    overlapSeconds: options.overlap ?? 30 * CA_SOURCES.DAY,
    now: service.now,
  } as const;
  let course = 0;
  const input = (source: Source, asker: string) => ({
    ...{ source, target: TARGET, asker },
    wanted: {
      version: `v${String(current.get(source.name) ?? 0)}`,
      thumbprint: sampleCa(current.get(source.name) ?? 0).entry.thumbprint,
    },
  });
  const follow = async (
    ask: () => Promise<TargetState | CaWaiting>,
  ): Promise<Exclude<TargetState, { kind: 'waiting' }>> => {
    for (let asks = 0; asks < 10; asks += 1) {
      const answer = await ask();
      if (answer.kind !== 'waiting') return answer;
      await service.finish();
    }
    throw new Error('It does not come to an end');
  };
  return {
    ...{ service, ledger, updates, ports, updater },
    /** The vault shows this version of a source; it is kept at the store until that is over. */
    keep: (number: number, source = SOURCE) => {
      current.set(source.name, number);
      course += 1;
      const asker = `course-${String(course)}`;
      return follow(() => makeKeepCaTarget(ports)(input(source, asker), updater));
    },
    keepOnce: (number: number, asker = 'once', source = SOURCE) => {
      current.set(source.name, number);
      return makeKeepCaTarget(ports)(input(source, asker), updater);
    },
    letGo: (source = SOURCE) => {
      course += 1;
      const asker = `course-${String(course)}`;
      return follow(() => makeLetCaTargetGo(ports)({ source, target: TARGET, asker }, updater));
    },
    letGoOnce: (asker: string, source = SOURCE) =>
      makeLetCaTargetGo(ports)({ source, target: TARGET, asker }, updater),
    observe: (source = SOURCE) => makeObserveCaTarget(ports)(input(source, '')),
    present: () => [...service.keys()].sort(),
  };
}
