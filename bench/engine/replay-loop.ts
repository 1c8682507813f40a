/** What `durable-functions` costs by itself: replay after replay, with nothing kept anywhere. */
import type {
  DurableExtension,
  DurableFunction,
  DurableHttpRequest,
  DurableHttpResponse,
} from '../../local/host/durable/extension.ts';
import { toText, type HistoryEvent } from '../../local/host/durable/history.ts';
import { readState } from '../../local/host/durable/orchestrator-state.ts';
import * as turnEvents from '../../local/host/durable/turn-events.ts';

/**
 * An engine without a store, a queue, timers or limits: it runs orchestrations of one activity
 * after another and holds their history while they run. No engine on this library can be faster.
 */
export function makeReplayLoop(): DurableExtension {
  const functions = new Map<string, DurableFunction>();

  async function handleHttp(request: DurableHttpRequest): Promise<DurableHttpResponse> {
    const name = /\/orchestrators\/(\w+)$/.exec(request.url.pathname)?.[1] ?? '';
    const orchestrator = functions.get(name);
    if (orchestrator === undefined) return { status: 404, headers: {} };
    const body = await runToEnd(functions, orchestrator, request.body.toString());
    return { status: 200, headers: {}, body };
  }

  return {
    register: (fn) => void functions.set(fn.name, fn),
    clientBinding: () => undefined,
    handleHttp,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}

async function runToEnd(
  functions: ReadonlyMap<string, DurableFunction>,
  orchestrator: DurableFunction,
  input: string,
): Promise<unknown> {
  const now = (): string => new Date().toISOString();
  let played = '';
  let events: HistoryEvent[] = [
    turnEvents.turnStarted(now()),
    turnEvents.executionStarted({ ...newInstance(), name: orchestrator.name, input }),
  ];
  for (let id = 0; ; id += 1) {
    const fresh = events.map((event) => toText(event, false)).join(',');
    const history = played === '' ? fresh : `${played},${fresh}`;
    const answer = await orchestrator.invoke(
      `{"history":[${history}],"input":${input},"instanceId":"bench","isReplaying":${String(id > 0)},"parentInstanceId":null,"upperSchemaVersion":1,"upperSchemaVersionNew":3}`,
    );
    const state = readState(answer);
    if (state?.isDone === true) return state.output;
    const action = state?.actions[id];
    if (action?.kind !== 'activity')
      throw new Error('Only one activity after another is run here.');
    events.push(
      turnEvents.fromScheduled(
        { kind: 'activity', id, name: action.name, input: action.input },
        now(),
      ),
      turnEvents.turnCompleted(now()),
    );
    const result = JSON.stringify(await functions.get(action.name)?.invoke('null'));
    const added = events.map((event) => toText(event, true)).join(',');
    played = played === '' ? added : `${played},${added}`;
    const outcome = { kind: 'completed', result } as const;
    events = [
      turnEvents.turnStarted(now()),
      turnEvents.fromMessage({
        kind: 'taskFinished',
        of: 'activity',
        taskId: id,
        outcome,
        at: now(),
      }),
    ];
  }
}

const newInstance = () => ({
  ...({ id: 'bench', executionId: 'bench', version: '', status: 'Running', begun: false } as const),
  ...{ turns: 0, output: null, customStatus: null, createdAt: Date.now(), updatedAt: Date.now() },
  parent: null,
  trace: null,
});
