import {
  EntityId,
  type DurableLock,
  type OrchestrationHandler,
  type Task,
} from 'durable-functions';
import { eventType, type HistoryEvent } from '../../../local/host/durable/history.ts';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';
import { counter } from './counter.ts';
import type { Handler } from './handler.ts';

const executor = 'durable-functions lib/src/orchestrations/TaskOrchestrationExecutor.js';
const requestMessage =
  'Azure/durabletask src/DurableTask.Core/Entities/EventFormat/RequestMessage.cs';
const steps = new EntityId('Counter', 'steps');

/** The events of entities, without what differs from run to run. */
function entityEvents(history: readonly HistoryEvent[]) {
  return history.flatMap((event) =>
    event.EventType === eventType.eventSent || event.EventType === eventType.eventRaised
      ? [{ ...event, Input: JSON.parse(event.Input) as unknown }]
      : [],
  );
}

/** Runs an orchestrator beside a counter; what its history says of entities. */
async function eventsOf(orchestrator: OrchestrationHandler) {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: { Play: orchestrator },
  });
  const result = await kit.run('Play', undefined, { instanceId: 'player' });
  expect(result.status).toBe('Completed');
  return entityEvents(result.history);
}

conforms(
  executor,
  'a call is an event that was sent, its answer one raised under its id',
  async () => {
    const [sent, raised] = await eventsOf(function* ({ df }): Generator<Task, unknown, unknown> {
      return yield df.callEntity(steps, 'get', { why: 'so' });
    });
    expect(sent).toMatchObject({
      EventType: 14,
      EventId: 0,
      Name: 'op',
      InstanceId: '@counter@steps',
      Input: { op: 'get', input: '{"why":"so"}', parent: 'player' },
    });
    const { id } = sent?.Input as { readonly id: string };
    expect(raised).toMatchObject({ EventType: 15, EventId: -1, Name: id, Input: { result: '0' } });
  },
);

conforms(executor, 'the answer of an operation that failed has an exception type', async () => {
  const events = await eventsOf(function* ({ df }): Generator<Task, unknown, unknown> {
    try {
      yield df.callEntity(steps, 'fail');
    } catch {
      return 'caught';
    }
    return 'not caught';
  });
  expect(events.at(-1)?.Input).toEqual({ result: '{}', exceptionType: 'Error' });
});

conforms(requestMessage, 'a signal is an event that was sent, and no answer comes', async () => {
  const events = await eventsOf(
    // eslint-disable-next-line require-yield -- a signal is nothing to wait for
    function* ({ df }) {
      df.signalEntity(steps, 'add', 5);
    },
  );
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ Name: 'op', Input: { op: 'add', signal: true, input: '5' } });
});

conforms(
  requestMessage,
  'a lock is one event, which names all, and each release is one more',
  async () => {
    const a = new EntityId('Counter', 'a');
    const events = await eventsOf(function* ({ df }): Generator<Task, unknown, never> {
      const lock: DurableLock = yield df.lock(steps, a);
      lock.release();
      return yield df.callEntity(steps, 'get');
    });
    expect(events.map(({ EventType, EventId, Name }) => [EventType, EventId, Name])).toEqual([
      [14, 0, 'op'],
      [15, -1, expect.any(String)],
      [14, 1, 'release'],
      [14, 2, 'release'],
      [14, 3, 'op'],
      [15, -1, expect.any(String)],
    ]);
    expect(events[0]).toMatchObject({
      InstanceId: '@counter@a',
      Input: {
        lockset: [
          { name: 'Counter', key: 'a' },
          { name: 'Counter', key: 'steps' },
        ],
        pos: 0,
      },
    });
    const targets = events.flatMap((event) => ('InstanceId' in event ? [event.InstanceId] : []));
    expect(targets).toEqual(['@counter@a', '@counter@a', '@counter@steps', '@counter@steps']);
  },
);

conforms(
  executor,
  'an orchestrator that asks another entity than it did is not deterministic',
  async () => {
    let turn = 0;
    const kit = await makeKit({
      entities: { Counter: counter },
      orchestrators: {
        *Changing(context): Generator<Task, unknown, unknown> {
          return yield context.df.callEntity(new EntityId('Counter', `k${turn++}`), 'get');
        },
      },
    });
    const { status, output } = await kit.run('Changing');
    expect(status).toBe('Failed');
    expect(output).toMatch(/Non-deterministic.*a message to the entity '@counter@k0'/);
  },
);

conforms(executor, 'entities and activities can be waited for together', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      *Both(context): Generator<Task, unknown, unknown> {
        context.df.signalEntity(steps, 'add', 1);
        const results = yield context.df.Task.all([
          context.df.callActivity('Say', 'hello'),
          context.df.callEntity(steps, 'get'),
          context.df.callEntity(steps, 'add', 1),
        ]);
        return [results, yield context.df.callActivity('Say', 'bye')];
      },
    },
    activities: { Say: (text: string) => text },
  });
  const { output } = await kit.run('Both');
  expect(output).toEqual([['hello', 1, null], 'bye']);
});

conforms(
  executor,
  'of an entity and a timer the first wins, and nobody waits for the other',
  async () => {
    const gate = Promise.withResolvers<undefined>();
    const wait: Handler<unknown> = () => gate.promise;
    const kit = await makeKit({
      entities: { Slow: wait },
      orchestrators: {
        *Race(context): Generator<Task, unknown, unknown> {
          const timer = context.df.createTimer(
            new Date(context.df.currentUtcDateTime.getTime() + 5),
          );
          const call = context.df.callEntity(new EntityId('Slow', 'one'), 'go');
          return (yield context.df.Task.any([call, timer])) === timer ? 'timer' : 'entity';
        },
      },
    });
    const id = kit.start('Race');
    await kit.until(() => kit.result(id).status === 'Running');
    kit.setClock(new Date(kit.now().getTime() + 10));
    await kit.until(() => kit.result(id).status === 'Completed');
    expect(kit.result(id).output).toBe('timer');
    gate.resolve(undefined);
    await kit.settle();
    expect(entityEvents(kit.result(id).history).map(({ Name }) => Name)).toEqual(['op']);
  },
);
