/** A service with CA certificates and its clock, as Resource Manager has it, for the real client. */
import { makeCaStores } from '../../shared/azure/ca-stores.ts';
import { caKey, CA_LIMIT, type CaEntry, type CaPlace } from '../../shared/domain/ca-entry.ts';
import type { CaData } from '../../shared/domain/ca-ports.ts';
import { makeScriptedAzure, refuse, type Answer, type Sent } from './fake-http-client.ts';

export const SERVICE = 'contoso-gw';
const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso`;
const SERVICE_ID = `${GROUP}/providers/Microsoft.ApiManagement/service/${SERVICE}`;
const ARM = 'https://management.azure.com';

interface Pending {
  readonly id: string;
  readonly by: 'us' | 'others';
  readonly next: readonly CaEntry[];
  readonly endsAt: number;
}

export function makeCaService({
  tier: firstTier,
  takes,
  entries,
}: {
  readonly tier: string;
  /** Seconds that an update takes. */
  readonly takes: number;
  readonly entries: readonly CaEntry[];
}) {
  let now = Date.parse('2026-11-27T12:00:00Z');
  let tier = firstTier;
  let held: readonly CaEntry[] = entries;
  let pending: Pending | undefined;
  let ids = 0;
  let refusals = 0;
  /** Removes what an update of ours is to lose, once. */
  let loses: ((next: readonly CaEntry[]) => readonly CaEntry[]) | undefined;
  let failsNext = false;
  /** Azure takes no update with these. */
  const bad = new Set<string>();
  const failed = new Set<string>();
  /** What the first question about the next update of ours is answered with. */
  let firstPoll: Answer | undefined;
  /** Azure forgets the next update of ours; without effect it changes nothing either. */
  let forgetsNext: { effect: boolean } | undefined;
  const forgotten = new Map<string, { effect: boolean }>();
  const patches: (readonly CaPlace[])[] = [];
  /** Every change of the store that came into force, and whose it was. */
  const steps: {
    at: number;
    by: Pending['by'];
    before: readonly CaEntry[];
    after: readonly CaEntry[];
  }[] = [];
  const known = new Map<string, CaEntry>();
  let sending: readonly CaData[] = [];

  const settle = (): void => {
    if (pending === undefined || now < pending.endsAt) return;
    const { by, next, id, endsAt } = pending;
    pending = undefined;
    if (failed.has(id) || forgotten.get(id)?.effect === false) return;
    steps.push({ at: endsAt, by, before: held, after: next });
    held = next;
  };
  const begin = (by: Pending['by'], next: readonly CaEntry[], id = 'others'): void => {
    pending = { id, by, next, endsAt: now + takes * 1_000 };
    settle();
  };
  const newId = (of: string): string => {
    ids += 1;
    return `${of}-${String(ids)}`;
  };
  const answerPatch = (): Answer => {
    settle();
    if (pending !== undefined) return refuse(409, 'ServiceLocked');
    if (sending.some((one) => bad.has(caKey(one)))) {
      refusals += 1;
      return refuse(400, 'ValidationError', 'A certificate is not valid.');
    }
    patches.push(sending.map(({ store, thumbprint }) => ({ store, thumbprint })));
    if (sending.length > CA_LIMIT) throw new Error('more than the service may hold was sent');
    const next = sending.map((one) => known.get(caKey(one)) ?? toUnnamed(one));
    const kept = loses?.(next) ?? next;
    loses = undefined;
    const id = newId('operation');
    if (failsNext) failed.add(id);
    if (forgetsNext !== undefined) forgotten.set(id, forgetsNext);
    failsNext = false;
    forgetsNext = undefined;
    begin('us', kept, id);
    const location = `${ARM}${SERVICE_ID}/operationresults/${id}?api-version=2024-05-01`;
    return {
      status: 202,
      body: { id: SERVICE_ID, properties: { provisioningState: 'Updating' } },
      headers: { location, 'azure-asyncoperation': location },
    };
  };
  const answerPoll = ({ path }: Sent): Answer => {
    settle();
    const id = path.split('/').at(-1) ?? '';
    if (firstPoll !== undefined) {
      const answer = firstPoll;
      firstPoll = undefined;
      return answer;
    }
    if (forgotten.has(id)) return refuse(404, 'OperationNotFound');
    if (pending?.id === id) return { status: 200, body: { status: 'InProgress' } };
    if (!failed.has(id)) return { status: 200, body: { status: 'Succeeded' } };
    const error = { code: 'ActivationFailed', message: 'It did not start again.' };
    return { status: 200, body: { status: 'Failed', error } };
  };
  const { clients } = makeScriptedAzure((sent) => {
    if (sent.method === 'PATCH') return answerPatch();
    if (sent.path !== SERVICE_ID && !sent.path.includes('{')) return answerPoll(sent);
    return { status: 200, body: { id: SERVICE_ID, properties: { provisioningState: state() } } };
  });
  const state = () => (pending === undefined ? 'Succeeded' : 'Updating');
  const real = makeCaStores(clients, [
    { id: SERVICE_ID, subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-contoso', name: SERVICE },
  ]);

  return {
    ...{ patches, steps, newId },
    /** Sends an update with stand-ins for certificates by the real client. */
    send: (service: string, data: readonly CaData[]) => {
      sending = data;
      return real.startUpdate(service, [], new Date(Date.now() + 60_000));
    },
    pollUpdate: (service: string, operation: string) => real.pollUpdate(service, operation),
    tier: () => tier,
    observe: () => {
      settle();
      return { serviceId: SERVICE_ID, tier, state: state(), entries: held };
    },
    entries: (): readonly CaEntry[] => {
      settle();
      return held;
    },
    keys: (): readonly string[] => {
      settle();
      return held.map(caKey);
    },
    /** What is sent with this key is an update with this entry. */
    knows: (entry: CaEntry) => {
      known.set(caKey(entry), entry);
    },
    now: () => new Date(now),
    pass: (seconds: number) => {
      now += seconds * 1_000;
      settle();
    },
    /** Somebody else changes the store; false while the service is being changed. */
    others: (change: (entries: readonly CaEntry[]) => readonly CaEntry[]): boolean => {
      settle();
      if (pending !== undefined) return false;
      begin('others', change(held));
      return true;
    },
    /** The service is of another tier from now on. */
    becomes: (other: string) => {
      tier = other;
    },
    losesNext: (change: (next: readonly CaEntry[]) => readonly CaEntry[]) => {
      loses = change;
    },
    /** Azure takes no update with this entry, until all is calm; asked twice, it does again. */
    refuses: (place: CaPlace) => {
      if (!bad.delete(caKey(place))) bad.add(caKey(place));
    },
    refusals: () => refusals,
    failsNext: () => {
      failsNext = true;
    },
    /** The first question about the next update of ours is answered so, and not otherwise. */
    answersFirstPoll: (answer: Answer) => {
      firstPoll = answer;
    },
    /** Azure forgets the next update of ours, which changes the service or does not. */
    forgetsNext: (more: { effect: boolean }) => {
      forgetsNext = more;
    },
    /** Nothing fails any more. */
    calm: () => {
      firstPoll = undefined;
      forgetsNext = undefined;
      loses = undefined;
      failsNext = false;
      bad.clear();
    },
  };
}

function toUnnamed({ store, thumbprint }: CaPlace): CaEntry {
  return { store, thumbprint, subject: '' };
}
