import { EntityId, type OrchestrationContext, type Task } from 'durable-functions';
import type { Handler } from '../../conformance/entities/handler.ts';
import { makeDurableHost } from '../../support/host/durable-host.ts';
import { openEngine, start, until } from './stored-engine.ts';

// Cases in which Azure leaves a rewound instance waiting for ever, and this engine does not.
type Run = Generator<Task, unknown, unknown>;

const family = {
  *Parent(context: OrchestrationContext): Run {
    return yield context.df.callSubOrchestrator('Child', null, 'child');
  },
  *Child(context: OrchestrationContext): Run {
    return yield context.df.callActivity('Work');
  },
  *Waiting(context: OrchestrationContext): Run {
    return yield context.df.callSubOrchestrator('Event', null, 'child');
  },
  *Event(context: OrchestrationContext): Run {
    return yield context.df.waitForExternalEvent('go');
  },
};

test('a sub-orchestration that was rewound by itself hands its result to its parent', async () => {
  const outcomes = [() => Promise.reject(new Error('not yet')), () => 'done'];
  const host = await makeDurableHost({
    orchestrators: family,
    activities: { Work: () => outcomes.shift()?.() },
  });
  await host.client.startNew('Parent', { instanceId: 'parent' });
  await host.becomes('parent', 'Failed');
  await host.client.rewind('child', 'mended');
  await host.becomes('child', 'Completed');
  await host.becomes('parent', 'Failed');
  await host.client.rewind('parent', 'mended');
  expect(await host.becomes('parent', 'Completed')).toMatchObject({ output: 'done' });
  expect(host.calls).toHaveLength(2);
});

test.each(['terminated', 'terminated and purged'])(
  'a sub-orchestration that was %s is started anew',
  async (what) => {
    const host = await makeDurableHost({ orchestrators: family });
    await host.client.startNew('Waiting', { instanceId: 'parent' });
    await host.becomes('child', 'Running');
    await host.client.terminate('child', 'x');
    await host.becomes('parent', 'Failed');
    if (what.endsWith('purged')) await host.client.purgeInstanceHistory('child');
    await host.client.rewind('parent', 'mended');
    await host.becomes('child', 'Running');
    await host.client.raiseEvent('child', 'go', 'home');
    expect(await host.becomes('parent', 'Completed')).toMatchObject({ output: 'home' });
  },
);

test('another instance that has taken the id of a sub-orchestration is left alone', async () => {
  const host = await makeDurableHost({ orchestrators: family });
  await host.client.startNew('Waiting', { instanceId: 'parent' });
  await host.becomes('child', 'Running');
  await host.client.terminate('child', 'x');
  await host.becomes('parent', 'Failed');
  await host.client.startNew('Event', { instanceId: 'child', input: 'another' });
  await host.becomes('child', 'Running');
  await host.client.rewind('parent', 'mended');
  expect(await host.becomes('parent', 'Failed')).toMatchObject({
    output: expect.stringMatching(/'child' is Running/) as string,
  });
  expect(await host.becomes('child', 'Running')).toMatchObject({ input: 'another' });
});

test('work that had not ended when the orchestration failed is asked for again', async () => {
  const never = Promise.withResolvers<never>();
  let isSlow = true;
  const asItWas = {
    ...family,
    *All(context: OrchestrationContext): Run {
      return yield context.df.Task.all([
        context.df.callActivity('Work'),
        context.df.createTimer(new Date('2026-01-01T01:00:00Z')),
        context.df.callSubOrchestrator('Event', null, 'child'),
        context.df.waitForExternalEvent('go'),
      ]);
    },
  };
  const changed = {
    *All(context: OrchestrationContext): Run {
      return yield context.df.callActivity('Other');
    },
  };
  const host = await makeDurableHost({
    orchestrators: asItWas,
    activities: { Work: () => (isSlow ? never.promise : 'done'), Other: () => undefined },
  });
  await host.client.startNew('All', { instanceId: 'one' });
  await host.until(() => host.calls.includes('Work'));
  await host.becomes('child', 'Running');
  await host.restart({ orchestrators: { ...asItWas, ...changed } });
  await host.client.raiseEvent('one', 'go', 'event');
  expect(await host.becomes('one', 'Failed')).toMatchObject({
    output: expect.stringMatching(/Non-deterministic/) as string,
  });
  isSlow = false;
  await host.restart({ orchestrators: asItWas });
  await host.client.rewind('one', 'the old code is back');
  host.setTime('2026-01-01T01:00:00Z');
  await host.client.raiseEvent('child', 'go', 'child');
  expect(await host.becomes('one', 'Completed')).toMatchObject({
    output: ['done', null, 'child', 'event'],
  });
});

test('a call of an entity that is withdrawn while it runs takes no other with it', async () => {
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<undefined>());
  const failing = Promise.withResolvers<undefined>();
  const counter = new EntityId('Counter', 'one');
  let count = 0;
  let hasFailed = false;
  const slowCounter: Handler<number> = async (context) => {
    const call = count++;
    context.df.setState((context.df.getState() ?? 0) + 1);
    context.df.return(context.df.getState());
    await gates[call]?.promise;
  };
  const { engine } = openEngine({
    orchestrators: {
      *Call(context): Run {
        return yield context.df.callEntity(counter, 'add');
      },
      *Race(context): Run {
        const call = context.df.callEntity(counter, 'add');
        const work = context.df.callActivity('Work');
        const first = yield context.df.Task.any([call, work]);
        if (first === work && work.isFaulted) throw new Error('no luck');
        return yield call;
      },
    },
    activities: {
      Work: async () => {
        await failing.promise;
        if (hasFailed) return;
        hasFailed = true;
        throw new Error('no luck');
      },
    },
    entities: {
      Counter: slowCounter,
    },
  });
  start(engine, 'Call', 'first');
  await until(() => count === 1);
  start(engine, 'Call', 'other');
  start(engine, 'Race', 'race');
  const isWaiting = (id: string) => engine.store.history(id).join(',').includes('"Name":"op"');
  await until(() => isWaiting('other') && isWaiting('race'));
  gates[0]?.resolve(undefined);
  // The batch of both has begun.
  await until(() => count === 2);
  failing.resolve(undefined);
  await until(() => engine.store.find('race')?.status === 'Failed');
  const race = engine.store.find('race');
  if (race !== undefined) engine.rewind(race, 'x');
  for (const gate of gates) gate.resolve(undefined);
  await until(() => ['other', 'race'].every((id) => engine.store.find(id)?.status === 'Completed'));
  expect(engine.store.entities.find('@counter@one').state).toBe('3');
});

test('a rewind that cannot be stored has changed nothing', async () => {
  const outcomes = [() => Promise.reject(new Error('not yet')), () => 'done'];
  const { engine, db } = openEngine({
    orchestrators: family,
    activities: { Work: () => outcomes.shift()?.() },
  });
  start(engine, 'Parent', 'parent');
  await until(() => engine.store.find('parent')?.status === 'Failed');
  const before = ['parent', 'child'].map((id) => engine.store.history(id));
  db.exec(`
    CREATE TEMP TRIGGER refuse BEFORE UPDATE ON history WHEN NEW.instance_id = 'parent'
    BEGIN SELECT RAISE(ABORT, 'not now'); END`);
  const rewind = () => {
    const parent = engine.store.find('parent');
    if (parent !== undefined) engine.rewind(parent, 'x');
  };
  expect(rewind).toThrow(/not now/);
  expect(['parent', 'child'].map((id) => engine.store.find(id)?.status)).toEqual([
    'Failed',
    'Failed',
  ]);
  expect(['parent', 'child'].map((id) => engine.store.history(id))).toEqual(before);
  db.exec('DROP TRIGGER refuse');
  rewind();
  await until(() => engine.store.find('parent')?.status === 'Completed');
});
