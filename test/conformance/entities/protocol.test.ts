import type { HistoryEvent } from '../../../local/host/durable/history.ts';
import { openEngine, start } from '../../orchestrations/engine/stored-engine.ts';
import { conforms } from '../../support/conformance.ts';
import { counter } from './counter.ts';

/** What no app can make the library say, and what another library may. */
const shim =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/OutOfProcOrchestrationShim.cs';
const lock =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/ContextImplementations/DurableOrchestrationContext.cs';
const entity =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/TaskEntityShim.cs';

/** Runs an orchestrator that answers such actions and is done; its status and its messages. */
async function answer(...actions: readonly unknown[]) {
  const { engine } = openEngine({ orchestrators: {}, entities: { Counter: counter } });
  engine.register({
    name: 'Raw',
    bindingType: 'orchestrationTrigger',
    invoke: () => Promise.resolve({ isDone: true, actions: [actions], output: 'done' }),
  });
  start(engine, 'Raw', 'one');
  await engine.whenQuiet();
  const history = JSON.parse(`[${engine.store.history('one').join(',')}]`) as HistoryEvent[];
  return {
    engine,
    instance: engine.store.find('one'),
    sent: history.flatMap((event) => (event.EventType === 14 ? [event] : [])),
  };
}

const signal = (instanceId: string, more = {}) => ({
  ...{ actionType: 9, instanceId, operation: 'add', input: 1 },
  ...more,
});

for (const id of ['counter', '@counter', '@', '', '@@one']) {
  conforms(shim, `an orchestrator that signals '${id}', which is no entity, fails`, async () => {
    const { instance } = await answer(signal(id));
    expect(instance?.status).toBe('Failed');
    expect(instance?.output).toContain(`'${id}' is not the id of an entity`);
  });
}

conforms(shim, 'a signal whose time cannot be read is due at once', async () => {
  const { engine } = await answer(signal('@counter@steps', { actionType: 10, fireAt: 'soon' }));
  expect(engine.store.entities.find('@counter@steps').state).toBe('1');
});

conforms(
  lock,
  'entities are locked in the order of their ids, whatever the order asked for',
  async () => {
    const lockSet = ['two', 'one', 'two'].map((key) => ({ name: 'Counter', key }));
    const { sent, engine, instance } = await answer(
      { actionType: 13, lockRequestId: 'request', lockSet },
      { actionType: 14 },
    );
    expect(instance?.status).toBe('Completed');
    expect(sent.map(({ InstanceId, Name }) => [InstanceId, Name])).toEqual([
      ['@counter@one', 'op'],
      ['@counter@one', 'release'],
      ['@counter@two', 'release'],
    ]);
    expect(JSON.parse(sent[0]?.Input ?? '')).toMatchObject({ id: 'request' });
    expect(engine.store.entities.find('@counter@two').lockedBy).toBeNull();
  },
);

conforms(lock, 'to lock nothing, or to release what is not locked, holds nothing up', async () => {
  const { instance, sent } = await answer({ actionType: 13, lockSet: [] }, { actionType: 14 });
  expect(instance).toMatchObject({ status: 'Completed', output: '"done"' });
  expect(sent).toEqual([]);
});

for (const [what, state] of [
  ['no signals', { entityExists: true, entityState: '1', results: [{}] }],
  [
    'a signal without target',
    { entityExists: true, entityState: '1', results: [{}], signals: [{}, { target: {} }] },
  ],
  ['results of nothing', { entityExists: true, entityState: '1', results: [null], signals: null }],
  ['more results', { entityExists: true, entityState: '1', results: [{}, { isError: true }] }],
] as const) {
  conforms(entity, `an entity's answer with ${what} is taken`, async () => {
    const { engine, log } = openEngine({ orchestrators: {} });
    engine.register({
      name: 'Raw',
      bindingType: 'entityTrigger',
      invoke: () => Promise.resolve(state),
    });
    const request = { id: 'r', op: 'go', signal: true as const };
    await engine.sendToEntity({ kind: 'request', to: '@raw@one', request });
    await engine.whenQuiet();
    expect(engine.store.entities.find('@raw@one')).toMatchObject({ present: true, state: '1' });
    expect(log).toEqual([]);
  });
}
