import type { DurableFunction } from './extension.ts';
import { isFinished } from './history.ts';
import type { Instance } from './instance.ts';
import { chooseBatch, type DirectResult } from './turn-batch.ts';
import { Turn, type TurnContext, type TurnResult } from './turn.ts';
import { describeMismatch, fitsVersion } from './version-match.ts';

/**
 * Runs one turn of an orchestration: takes what its inbox holds, lets the orchestrator replay, and
 * stores everything that follows in one transaction. Rejects when it cannot be stored; nothing has
 * changed then, and the turn can be run again.
 * @param direct results that are not in the inbox; those a turn leaves out stay the caller's
 */
export async function runTurn(
  context: TurnContext,
  id: string,
  direct: readonly DirectResult[],
): Promise<TurnResult> {
  const { store } = context;
  const instance = store.find(id);
  if (instance === undefined || isFinished(instance.status)) {
    const late = store.inbox(id, false).map(({ seq }) => seq);
    if (late.length > 0) store.discard(id, late);
    return { kind: 'nothing' };
  }
  const next = howToGoOn(context, instance);
  const suspended = instance.status === 'Suspended';
  const inbox = store.inbox(id, suspended);
  const batch = chooseBatch(instance, inbox, suspended ? [] : direct, next.kind !== 'waits');
  if (batch.messages.length === 0 && instance.begun) {
    if (batch.consumed.length > 0) store.discard(id, batch.consumed);
    return { kind: 'nothing' };
  }
  const turn = new Turn(context, instance, batch);
  if (!batch.runs) return turn.changeState();
  switch (next.kind) {
    case 'runs':
      return turn.run(next.orchestrator);
    case 'fails':
      return turn.failForVersion();
    case 'waits':
      return next;
  }
}

type Next =
  | { readonly kind: 'runs'; readonly orchestrator: DurableFunction }
  | { readonly kind: 'fails' }
  | Extract<TurnResult, { readonly kind: 'waits' }>;

/** What this host, with the app it has now, does with an orchestration. */
function howToGoOn({ functions, settings }: TurnContext, { name, version }: Instance): Next {
  if (!fitsVersion(version, settings)) {
    if (settings.versionFailureStrategy === 'Fail') return { kind: 'fails' };
    const why = `Orchestrations are waiting: ${describeMismatch(version, settings)}.`;
    return { kind: 'waits', why };
  }
  const orchestrator = functions.orchestrator(name);
  if (orchestrator !== undefined) return { kind: 'runs', orchestrator };
  const why = `Orchestrations of '${name}' are waiting: the app has no such orchestrator function now.`;
  return { kind: 'waits', why };
}
