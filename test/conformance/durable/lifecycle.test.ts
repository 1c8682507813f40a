import type { Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';

const SUSPENDING =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#suspend-and-resume-instances';
const TERMINATING =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#terminate-instances';
const HOST_JSON =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json';
const CUSTOM_STATUS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-custom-orchestration-status';

const waiting = {
  *Wait(context: {
    df: { waitForExternalEvent: (name: string) => Task };
  }): Generator<Task, unknown, unknown> {
    const one = yield context.df.waitForExternalEvent('go');
    const two = yield context.df.waitForExternalEvent('go');
    return [one, two];
  },
};

conforms(
  SUSPENDING,
  'a suspended instance takes nothing in until it is resumed, then all of it in order',
  async () => {
    const kit = await makeKit({ orchestrators: waiting });
    const { instanceId } = await kit.run('Wait');
    kit.suspend(instanceId);
    await kit.settle();
    kit.raise(instanceId, 'go', 1);
    kit.raise(instanceId, 'go', 2);
    await kit.settle();
    expect(kit.result(instanceId).status).toBe('Suspended');
    kit.resume(instanceId);
    await kit.settle();
    expect(kit.result(instanceId)).toMatchObject({ status: 'Completed', output: [1, 2] });
  },
);

conforms(SUSPENDING, 'a result that comes while the instance is suspended is kept', async () => {
  const gate = Promise.withResolvers<string>();
  const kit = await makeKit({
    orchestrators: {
      *Work(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Gate');
      },
    },
    activities: { Gate: () => gate.promise },
  });
  const id = kit.start('Work');
  await kit.until(() => kit.calls.length === 1);
  kit.suspend(id);
  await kit.until(() => kit.result(id).status === 'Suspended');
  gate.resolve('late');
  await kit.settle();
  expect(kit.result(id).status).toBe('Suspended');
  kit.resume(id);
  await kit.settle();
  expect(kit.result(id).output).toBe('late');
  expect(kit.calls).toHaveLength(1);
});

conforms(SUSPENDING, 'a suspended instance stays suspended over a restart', async () => {
  const kit = await makeKit({ orchestrators: waiting });
  const { instanceId } = await kit.run('Wait');
  kit.suspend(instanceId);
  await kit.settle();
  kit.raise(instanceId, 'go', 1);
  await kit.restart();
  await kit.settle();
  expect(kit.result(instanceId).status).toBe('Suspended');
});

conforms(
  SUSPENDING,
  'an instance that is suspended before its first turn begins all the same',
  async () => {
    const kit = await makeKit({ orchestrators: waiting });
    const id = kit.start('Wait');
    kit.suspend(id);
    kit.raise(id, 'go', 1);
    await kit.settle();
    expect(kit.result(id).status).toBe('Suspended');
    kit.resume(id);
    kit.raise(id, 'go', 2);
    await kit.settle();
    expect(kit.result(id).output).toEqual([1, 2]);
  },
);

conforms(
  TERMINATING,
  'a terminated instance has the reason as its output and takes nothing more in',
  async () => {
    const kit = await makeKit({ orchestrators: waiting });
    const { instanceId } = await kit.run('Wait');
    kit.terminate(instanceId, 'enough');
    await kit.settle();
    expect(kit.result(instanceId)).toMatchObject({ status: 'Terminated', output: 'enough' });
    expect(() => kit.raise(instanceId, 'go', 1)).toThrow(/takes events/);
  },
);

conforms(TERMINATING, 'a suspended instance can be terminated', async () => {
  const kit = await makeKit({ orchestrators: waiting });
  const { instanceId } = await kit.run('Wait');
  kit.suspend(instanceId);
  await kit.settle();
  kit.terminate(instanceId, 'enough');
  await kit.settle();
  expect(kit.result(instanceId).status).toBe('Terminated');
});

conforms(
  TERMINATING,
  'an activity of a terminated instance runs to its end and its result is dropped',
  async () => {
    const gate = Promise.withResolvers<string>();
    const kit = await makeKit({
      orchestrators: {
        *Work(context): Generator<Task, unknown, unknown> {
          return yield context.df.callActivity('Gate');
        },
      },
      activities: { Gate: () => gate.promise },
    });
    const id = kit.start('Work');
    await kit.until(() => kit.calls.length === 1);
    kit.terminate(id, 'enough');
    await kit.until(() => kit.result(id).status === 'Terminated');
    gate.resolve('too late');
    await kit.settle();
    expect(kit.result(id)).toMatchObject({ status: 'Terminated', output: 'enough' });
  },
);

// Unless told otherwise, `overridableExistingInstanceStates` is NonRunningStates.
conforms(HOST_JSON, 'starting the id of a finished instance replaces it', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Echo(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Same', context.df.getInput());
      },
    },
    activities: { Same: (input: unknown) => input },
  });
  await kit.run('Echo', 'first', { instanceId: 'one' });
  const second = await kit.run('Echo', 'second', { instanceId: 'one' });
  expect(second.output).toBe('second');
  expect(second.history.filter(({ EventType }) => EventType === 0)).toHaveLength(1);
});

conforms(
  HOST_JSON,
  'starting the id of a running instance is refused and changes nothing',
  async () => {
    const kit = await makeKit({ orchestrators: waiting });
    await kit.run('Wait', 'first', { instanceId: 'one' });
    expect(() => kit.start('Wait', 'second', { instanceId: 'one' })).toThrow(/'one' is Running/);
    expect(kit.result('one').input).toBe('first');
  },
);

conforms(
  HOST_JSON,
  'with AnyState a running instance is replaced, and what it asked for is dropped',
  async () => {
    const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    let call = 0;
    const kit = await makeKit({
      orchestrators: {
        *Work(context): Generator<Task, unknown, unknown> {
          return yield context.df.callActivity('Gate');
        },
      },
      activities: { Gate: () => gates[call++]?.promise },
      settings: { overridableExistingInstanceStates: 'AnyState' },
    });
    kit.start('Work', null, { instanceId: 'one' });
    await kit.until(() => kit.calls.length === 1);
    kit.start('Work', null, { instanceId: 'one' });
    await kit.until(() => kit.calls.length === 2);
    gates[0]?.resolve('old');
    gates[1]?.resolve('new');
    await kit.settle();
    expect(kit.result('one').output).toBe('new');
  },
);

conforms(CUSTOM_STATUS, 'every custom status is seen, the last one stays', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Progress(context) {
        for (const step of ['one', 'two', 'three']) {
          context.df.setCustomStatus({ step });
          yield context.df.callActivity('Work');
        }
      },
    },
    activities: { Work: () => undefined },
  });
  const result = await kit.run('Progress');
  expect(result.customStatuses).toEqual([{ step: 'one' }, { step: 'two' }, { step: 'three' }]);
  expect(result.customStatus).toEqual({ step: 'three' });
});

conforms(CUSTOM_STATUS, 'a custom status of more than 16 KB fails the orchestration', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Verbose(context) {
        context.df.setCustomStatus('x'.repeat(8 * 1024));
        yield context.df.waitForExternalEvent('never');
      },
    },
  });
  const result = await kit.run('Verbose');
  expect(result.status).toBe('Failed');
  expect(result.output).toMatch(/custom status takes \d+ bytes/);
});
