import type { Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';

const PAGE =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-sub-orchestrations';
const CONTEXT =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/ContextImplementations/DurableOrchestrationContext.cs';
const EXTENSION =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/DurableTaskExtension.cs';
const TERMINATING =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#terminate-instances';

conforms(PAGE, 'a parent gets the output of its sub-orchestration', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Parent(context): Generator<Task, unknown, number> {
        return (yield context.df.callSubOrchestrator('Child', 20)) + 1;
      },
      *Child(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Double', context.df.getInput());
      },
    },
    activities: { Double: (n: number) => n * 2 },
  });
  expect((await kit.run('Parent')).output).toBe(41);
});

conforms(
  PAGE,
  'a sub-orchestration that fails throws in its parent, with both messages',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Parent(context): Generator<Task, unknown, unknown> {
          try {
            return yield context.df.callSubOrchestrator('Child');
          } catch (error) {
            return error instanceof Error ? error.message : '';
          }
        },
        // eslint-disable-next-line require-yield -- it ends before it asks for anything
        *Child() {
          throw new Error('no luck');
        },
      },
    });
    expect((await kit.run('Parent')).output).toMatch(
      /^Orchestrator function 'Child' failed: no luck/,
    );
  },
);

conforms(PAGE, 'a sub-orchestration runs under the id it is given', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Parent(context): Generator<Task, unknown, unknown> {
        return yield context.df.callSubOrchestrator('Child', null, 'named-child');
      },
      *Child(context): Generator<Task, unknown, unknown> {
        yield context.df.callActivity('Work');
        return { me: context.df.instanceId, parent: context.df.parentInstanceId };
      },
    },
    activities: { Work: () => undefined },
  });
  const result = await kit.run('Parent', undefined, { instanceId: 'the-parent' });
  expect(result.output).toEqual({ me: 'named-child', parent: 'the-parent' });
});

conforms(
  PAGE,
  'sub-orchestrations without ids run side by side as instances of their own',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Parent(context): Generator<Task, unknown, unknown> {
          return yield context.df.Task.all(
            [1, 2, 3].map((n) => context.df.callSubOrchestrator('Child', n)),
          );
        },
        *Child(context): Generator<Task, unknown, unknown> {
          yield context.df.callActivity('Work');
          return `${context.df.instanceId}=${context.df.getInput<number>()}`;
        },
      },
      activities: { Work: () => undefined },
    });
    const { output } = await kit.run('Parent');
    expect(new Set(String(output).split(',')).size).toBe(3);
    expect(String(output)).toMatch(/=1,.*=2,.*=3$/);
  },
);

conforms(
  PAGE,
  'an id that is in use fails the sub-orchestration and leaves the other alone',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Parent(context): Generator<Task, unknown, unknown> {
          return yield context.df.callSubOrchestrator('Child', null, 'busy');
        },
        *Child(context): Generator<Task, unknown, unknown> {
          return yield context.df.waitForExternalEvent('go');
        },
      },
    });
    await kit.run('Child', undefined, { instanceId: 'busy' });
    const parent = await kit.run('Parent');
    expect(parent.status).toBe('Failed');
    expect(parent.output).toMatch(/'Child' could not start.*'busy' is Running/);
    expect(kit.result('busy').status).toBe('Running');
  },
);

// DurableOrchestrationContext.cs CallDurableTaskFunctionAsync
conforms(CONTEXT, 'a sub-orchestration cannot have the id of its parent', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Parent(context): Generator<Task, unknown, unknown> {
        return yield context.df.callSubOrchestrator('Parent', null, context.df.instanceId);
      },
    },
  });
  const result = await kit.run('Parent');
  expect(result.status).toBe('Failed');
  expect(result.output).toContain('an instance id of its own');
});

conforms(
  EXTENSION,
  'a sub-orchestrator that the app does not have fails its parent and is named',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Parent(context): Generator<Task, unknown, unknown> {
          return yield context.df.callSubOrchestrator('Nobody');
        },
      },
    });
    expect((await kit.run('Parent')).output).toMatch(/'Nobody'.*not an orchestrator function/);
  },
);

conforms(
  PAGE,
  'a sub-orchestration goes on after a restart and reports to its parent',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Parent(context): Generator<Task, unknown, unknown> {
          return yield context.df.callSubOrchestrator('Child', null, 'child');
        },
        *Child(context): Generator<Task, unknown, unknown> {
          return yield context.df.waitForExternalEvent('go');
        },
      },
    });
    const { instanceId } = await kit.run('Parent');
    await kit.restart();
    kit.raise('child', 'go', 'home');
    await kit.settle();
    expect(kit.result(instanceId).output).toBe('home');
  },
);

conforms(
  TERMINATING,
  'a terminated sub-orchestration fails in its parent with the reason',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Parent(context): Generator<Task, unknown, unknown> {
          try {
            return yield context.df.callSubOrchestrator('Child', null, 'child');
          } catch (error) {
            return `caught: ${String(error)}`;
          }
        },
        *Child(context): Generator<Task, unknown, unknown> {
          return yield context.df.waitForExternalEvent('go');
        },
      },
    });
    const { instanceId } = await kit.run('Parent');
    kit.terminate('child', 'no longer needed');
    await kit.settle();
    expect(kit.result(instanceId).output).toMatch(/caught: .*no longer needed/);
  },
);

// Termination does not propagate.
conforms(TERMINATING, 'terminating a parent leaves its sub-orchestration running', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Parent(context): Generator<Task, unknown, unknown> {
        return yield context.df.callSubOrchestrator('Child', null, 'child');
      },
      *Child(context): Generator<Task, unknown, unknown> {
        return yield context.df.waitForExternalEvent('go');
      },
    },
  });
  const { instanceId } = await kit.run('Parent');
  kit.terminate(instanceId);
  await kit.settle();
  kit.raise('child', 'go', 'on');
  await kit.settle();
  expect(kit.result('child')).toMatchObject({ status: 'Completed', output: 'on' });
  expect(kit.result(instanceId).status).toBe('Terminated');
});
