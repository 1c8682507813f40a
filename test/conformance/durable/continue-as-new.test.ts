import type { Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';

const PAGE =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-eternal-orchestrations';

conforms(PAGE, 'starts over with the new input until it ends', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Countdown(context) {
        const { left }: { left: number } = context.df.getInput();
        yield context.df.callActivity('Note', left);
        if (left === 0) return 'lift-off';
        context.df.continueAsNew({ left: left - 1 });
        return undefined;
      },
    },
    activities: { Note: () => undefined },
  });
  const result = await kit.run('Countdown', { left: 3 });
  expect(result.output).toBe('lift-off');
  expect(result.input).toEqual({ left: 0 });
  expect(result.calls.map(({ input }) => input)).toEqual([3, 2, 1, 0]);
});

conforms(PAGE, 'the history begins anew each time', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Loop(context) {
        const { left }: { left: number } = context.df.getInput();
        yield context.df.callActivity('Note', left);
        if (left > 0) context.df.continueAsNew({ left: left - 1 });
      },
    },
    activities: { Note: () => undefined },
  });
  const once = await kit.run('Loop', { left: 0 });
  const often = await kit.run('Loop', { left: 20 });
  expect(often.history).toHaveLength(once.history.length);
});

conforms(
  PAGE,
  'events nobody has waited for are kept for the next execution, in their order',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Collect(context): Generator<Task, unknown, unknown> {
          const { seen }: { seen: unknown[] } = context.df.getInput();
          seen.push(yield context.df.waitForExternalEvent('note'));
          if (seen.length === 6) return seen;
          context.df.continueAsNew({ seen });
          return undefined;
        },
      },
    });
    const id = kit.start('Collect', { seen: [] });
    for (const data of [1, 2, 3]) kit.raise(id, 'note', data);
    await kit.settle();
    for (const data of [4, 5, 6]) kit.raise(id, 'note', data);
    await kit.settle();
    expect(kit.result(id).output).toEqual([1, 2, 3, 4, 5, 6]);
  },
);

conforms(PAGE, 'events that come while it starts over are not lost', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Collect(context): Generator<Task, unknown, unknown> {
        const { seen }: { seen: unknown[] } = context.df.getInput();
        seen.push(yield context.df.waitForExternalEvent('note'));
        yield context.df.callActivity('Work');
        if (seen.length === 40) return seen;
        context.df.continueAsNew({ seen });
        return undefined;
      },
    },
    activities: { Work: () => undefined },
  });
  const id = kit.start('Collect', { seen: [] });
  const data = Array.from({ length: 40 }, (_, i) => i);
  for (const one of data) {
    kit.raise(id, 'note', one);
    // In the middle of whatever it is doing.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await kit.settle();
  expect(kit.result(id).output).toEqual(data);
});

conforms(PAGE, 'a parent gets the output of the last execution', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Parent(context): Generator<Task, unknown, unknown> {
        return yield context.df.callSubOrchestrator('Child', { left: 2 });
      },
      *Child(context) {
        const { left }: { left: number } = context.df.getInput();
        yield context.df.callActivity('Note', left);
        if (left === 0) return context.df.parentInstanceId;
        context.df.continueAsNew({ left: left - 1 });
        return undefined;
      },
    },
    activities: { Note: () => undefined },
  });
  const result = await kit.run('Parent');
  expect(result.output).toBe(result.instanceId);
});

conforms(PAGE, 'goes on after a restart between two executions', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Wait(context): Generator<Task, unknown, unknown> {
        const { round }: { round: number } = context.df.getInput();
        yield context.df.waitForExternalEvent('next');
        if (round === 2) return 'ended';
        context.df.continueAsNew({ round: round + 1 });
        return undefined;
      },
    },
  });
  const id = kit.start('Wait', { round: 0 });
  for (let i = 0; i < 3; i++) {
    await kit.restart();
    kit.raise(id, 'next');
    await kit.settle();
  }
  expect(kit.result(id).output).toBe('ended');
});

conforms(PAGE, 'the custom status stands until the next execution sets another', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Status(context): Generator<Task, unknown, unknown> {
        const input: { again: boolean } = context.df.getInput();
        if (input.again) context.df.setCustomStatus('first');
        yield context.df.waitForExternalEvent('next');
        if (input.again) context.df.continueAsNew({ again: false });
        return undefined;
      },
    },
  });
  const id = kit.start('Status', { again: true });
  await kit.settle();
  kit.raise(id, 'next');
  await kit.settle();
  expect(kit.result(id)).toMatchObject({ status: 'Running', customStatus: 'first' });
});
