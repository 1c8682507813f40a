import type { OrchestrationContext, Task } from 'durable-functions';
import { makeDurableHost } from '../../support/host/durable-host.ts';
import { openEngine } from './stored-engine.ts';

// What a host does with orchestrations that it must not go on with, where the page is silent
// (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning).
const orchestrators = {
  *Wait(context: OrchestrationContext): Generator<Task, unknown, unknown> {
    return yield context.df.waitForExternalEvent('go');
  },
  // eslint-disable-next-line require-yield -- it ends before it asks for anything
  *Version(context: OrchestrationContext): Generator<Task, unknown, unknown> {
    return context.df.version;
  },
};
const newer = { settings: { defaultVersion: '2.0' } };
const older = { settings: { defaultVersion: '1.0' } };

test('what is rejected holds up nothing else, and is told once', async () => {
  const host = await makeDurableHost({ orchestrators, ...older });
  // More than the queue of instances in memory holds.
  await Promise.all(
    Array.from({ length: 2_100 }, (_, i) =>
      host.call('POST', `orchestrators/Version/new-${i}?version=2.0`),
    ),
  );
  await host.restart();
  await host.client.startNew('Version', { instanceId: 'fits' });
  expect(await host.becomes('fits', 'Completed')).toMatchObject({ output: '1.0' });
  expect(host.log.filter((line) => line.includes('does not fit'))).toHaveLength(1);
  await host.restart(newer);
  await host.becomes('new-2099', 'Completed');
});

// In Azure it could not, until a host comes that fits; here there is but one.
test('what is rejected can be terminated', async () => {
  const host = await makeDurableHost({ orchestrators, ...newer });
  await host.client.startNew('Wait', { instanceId: 'one' });
  await host.becomes('one', 'Running');
  await host.restart(older);
  await host.client.terminate('one', 'not needed');
  await host.becomes('one', 'Terminated');
});

test('what is rejected can be terminated before it has begun, suspended or not', async () => {
  const host = await makeDurableHost({ orchestrators, ...older });
  await host.client.startNew('Wait', { instanceId: 'one', version: '2.0' });
  await host.client.suspend('one', 'not yet');
  await host.client.raiseEvent('one', 'go', 1);
  await host.client.terminate('one', 'not needed');
  await host.becomes('one', 'Terminated');
});

test('what is rejected is terminated after the host was killed before it got to it', async () => {
  const { engine } = openEngine({ orchestrators, ...newer });
  engine.create({ id: 'one', name: 'Wait', version: '2.0', input: null, parent: null });
  await engine.whenQuiet();
  const at = new Date().toISOString();
  engine.store.post('one', null, { kind: 'eventRaised', name: 'go', input: '1', at });
  engine.store.post('one', null, { kind: 'terminate', reason: 'not needed', at });
  await engine.stop(0);
  const other = openEngine({ orchestrators, ...older });
  await other.engine.whenQuiet();
  expect(other.engine.store.find('one')).toMatchObject({ status: 'Terminated' });
});

test('what failed for its version goes on when a host that fits it rewinds it', async () => {
  const host = await makeDurableHost({ orchestrators, ...newer });
  await host.client.startNew('Wait', { instanceId: 'one' });
  await host.becomes('one', 'Running');
  await host.restart({ settings: { ...older.settings, versionFailureStrategy: 'Fail' } });
  await host.client.raiseEvent('one', 'go', 'not lost');
  await host.becomes('one', 'Failed');
  await host.restart(newer);
  await host.client.rewind('one', 'the new host is back');
  expect(await host.becomes('one', 'Completed')).toMatchObject({ output: 'not lost' });
});
