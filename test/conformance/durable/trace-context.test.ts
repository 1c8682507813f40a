import type { InvocationContext } from '@azure/functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import { readTrace } from '../../../local/host/durable/trace-context.ts';
import type { OrchestrationKitOptions } from '../../../local/host/test-kit/index.ts';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost } from '../../support/host/durable-host.ts';
import { inSpan } from '../../support/host/in-span.ts';
import { serve } from '../../support/host/call-http.ts';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';

const DOCS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-diagnostics#distributed-tracing';
const W3C = 'https://www.w3.org/TR/trace-context/';
const OPTIONS =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Options/TraceOptions.cs';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const caller = {
  traceParent: `00-${traceId}-b7ad6b7169203331-01`,
  traceState: 'vendor=1,other=2',
};
const switchedOn = { tracing: { distributedTracingEnabled: true, version: 'V2' } };

interface Seen {
  readonly name: string;
  readonly traceParent: string;
  readonly traceState: string;
}

/** An orchestration with an activity, a child and a pause, whose functions note what they see. */
function tracedApp(): { seen: Seen[]; functions: OrchestrationKitOptions } {
  const seen: Seen[] = [];
  const note = (name: string, { traceContext }: Pick<InvocationContext, 'traceContext'>): void => {
    const { traceParent = '', traceState = '' } = traceContext ?? {};
    seen.push({ name, traceParent, traceState });
  };
  const orchestrators = {
    *Parent(context: OrchestrationContext) {
      note('Parent', context);
      yield context.df.callActivity('Work');
      yield context.df.waitForExternalEvent('go on');
      yield context.df.callSubOrchestrator('Child');
    },
    *Child(context: OrchestrationContext) {
      note('Child', context);
      yield context.df.callActivity('Work');
    },
    *Again(context: OrchestrationContext) {
      note('Again', context);
      yield context.df.callActivity('Work');
      if (context.df.getInput() !== 2) context.df.continueAsNew(2);
    },
  };
  const activities = {
    Work: (_: unknown, context: InvocationContext) => note('Work', context),
  };
  return { seen, functions: { orchestrators, activities, settings: switchedOn } };
}

const traceOf = ({ traceParent }: Seen): string | undefined => traceParent.split('-')[1];
const spanOf = ({ traceParent }: Seen): string | undefined => traceParent.split('-')[2];

describe('With distributed tracing, an orchestration', () => {
  conforms(DOCS, 'belongs to its caller’s trace with all that it starts', async () => {
    const { seen, functions } = tracedApp();
    const kit = await makeKit(functions);
    const { instanceId } = await kit.run('Parent', null, { trace: caller });
    kit.raise(instanceId, 'go on');
    await kit.settle();
    expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(['Parent', 'Work', 'Child']));
    expect(new Set(seen.map(traceOf))).toEqual(new Set([traceId]));
    expect(new Set(seen.map(({ traceState }) => traceState))).toEqual(new Set([caller.traceState]));
    expect(new Set(seen.map(({ traceParent }) => traceParent.slice(-3)))).toEqual(new Set(['-01']));
  });

  conforms(DOCS, 'is one span, however often it replays, and others are their own', async () => {
    const { seen, functions } = tracedApp();
    const kit = await makeKit(functions);
    const { instanceId } = await kit.run('Parent', null, { trace: caller });
    kit.raise(instanceId, 'go on');
    await kit.settle();
    const spans = (name: string): Set<string | undefined> =>
      new Set(seen.filter((one) => one.name === name).map(spanOf));
    expect(seen.filter(({ name }) => name === 'Parent').length).toBeGreaterThan(2);
    expect(spans('Parent').size).toBe(1);
    expect(spans('Child').size).toBe(1);
    expect(spans('Work').size).toBe(2);
    expect(new Set(seen.map(spanOf)).size).toBe(4);
    expect(seen.map(spanOf)).not.toContain('b7ad6b7169203331');
  });

  conforms(DOCS, 'stays in its trace and its span over a restart of the host', async () => {
    const { seen, functions } = tracedApp();
    const kit = await makeKit(functions);
    const { instanceId } = await kit.run('Parent', null, { trace: caller });
    const before = seen.length;
    await kit.restart();
    kit.raise(instanceId, 'go on');
    await kit.settle();
    expect(seen.length).toBeGreaterThan(before);
    expect(new Set(seen.map(traceOf))).toEqual(new Set([traceId]));
    const parents = seen.filter(({ name }) => name === 'Parent');
    expect(new Set(parents.map(spanOf)).size).toBe(1);
  });

  conforms(DOCS, 'stays in its trace when it starts over', async () => {
    const { seen, functions } = tracedApp();
    const kit = await makeKit(functions);
    const { status } = await kit.run('Again', 1, { trace: caller });
    expect(status).toBe('Completed');
    expect(new Set(seen.map(traceOf))).toEqual(new Set([traceId]));
  });

  conforms(W3C, 'that nobody traces begins a trace, one for all of it', async () => {
    const { seen, functions } = tracedApp();
    const kit = await makeKit(functions);
    const { instanceId } = await kit.run('Parent');
    kit.raise(instanceId, 'go on');
    await kit.settle();
    await kit.run('Again', 1);
    const traces = (names: readonly string[]): Set<string | undefined> =>
      new Set(seen.filter(({ name }) => names.includes(name)).map(traceOf));
    expect(traces(['Parent', 'Child']).size).toBe(1);
    expect(new Set(seen.map(traceOf)).size).toBe(2);
    for (const { traceParent } of seen)
      expect(readTrace({ traceparent: traceParent })).toBeDefined();
  });

  conforms(
    'https://learn.microsoft.com/dotnet/core/diagnostics/distributed-tracing-concepts',
    'hands its trace on with an HTTP call, unless the app names another',
    async () => {
      const server = await serve((_, response) => response.end());
      const own = '00-11111111111111111111111111111111-2222222222222222-00';
      const kit = await makeKit({
        orchestrators: {
          *Call(context: OrchestrationContext) {
            const call = { method: 'GET', url: server.url };
            yield context.df.callHttp(call);
            yield context.df.callHttp({ ...call, headers: { Traceparent: own } });
          },
        },
        settings: switchedOn,
      });
      await kit.run('Call', null, { trace: caller });
      const [first, second] = server.requests.map(({ headers }) => headers);
      expect(first?.['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
      expect(first?.['tracestate']).toBe(caller.traceState);
      expect(second?.['traceparent']).toBe(own);
      expect(second).not.toHaveProperty('tracestate');
    },
  );
});

describe('The trace of who starts an orchestration', () => {
  const orchestrators = {
    *Where(context: OrchestrationContext): Generator<Task, unknown, unknown> {
      return yield context.df.callActivity('Look');
    },
  };
  const activities = {
    Look: (_: unknown, context: InvocationContext) => context.traceContext?.traceParent,
  };
  const ofTheTrace = expect.stringContaining(`00-${traceId}-`) as unknown;

  conforms(W3C, 'is read from the headers of the management API', async () => {
    const host = await makeDurableHost({ orchestrators, activities, settings: switchedOn });
    const headers = { traceparent: caller.traceParent };
    await host.call('POST', 'orchestrators/Where/one', { headers });
    expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ofTheTrace });
  });

  conforms(
    'durable-functions lib/src/durableClient/DurableClient.js',
    'comes from the app’s active span when its client starts one',
    async () => {
      const host = await makeDurableHost({ orchestrators, activities, settings: switchedOn });
      await inSpan(traceId, () => host.client.startNew('Where', { instanceId: 'one' }));
      expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ofTheTrace });
    },
  );
});

describe('Distributed tracing', () => {
  const settings: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['not mentioned', {}],
    ['of version V1', { tracing: { distributedTracingEnabled: true, version: 'V1' } }],
    ['switched off', { tracing: { distributedTracingEnabled: false, version: 'V2' } }],
    ['of no version', { tracing: { distributedTracingEnabled: true } }],
  ];
  for (const [what, value] of settings) {
    conforms(OPTIONS, `${what}, leaves its functions their own traces`, async () => {
      const { seen, functions } = tracedApp();
      const kit = await makeKit({ ...functions, settings: value });
      await kit.run('Parent', null, { trace: caller });
      expect(seen.length).toBeGreaterThan(1);
      expect(seen.map(({ traceParent }) => traceParent)).not.toContainEqual(
        expect.stringContaining(traceId),
      );
    });
  }
});

describe('The header traceparent', () => {
  const valid: readonly (readonly [string, string])[] = [
    ['is read as it stands', caller.traceParent],
    ['of a later version is read as far as it is known', `cc-${traceId}-b7ad6b7169203331-01-more`],
  ];
  for (const [behaviour, traceparent] of valid) {
    conforms(W3C, behaviour, () => {
      expect(readTrace({ traceparent, tracestate: 'a=1' })).toEqual({
        traceParent: caller.traceParent,
        traceState: 'a=1',
      });
    });
  }

  const wrong: readonly (readonly [string, string])[] = [
    ['that is missing', ''],
    ['of version ff', `ff-${traceId}-b7ad6b7169203331-01`],
    ['of version 00 with more than four parts', `${caller.traceParent}-more`],
    ['with capital letters', caller.traceParent.toUpperCase()],
    ['without a trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['without a span', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['that is something else', 'not-a-trace'],
  ];
  for (const [what, traceparent] of wrong) {
    conforms(W3C, `${what} is none, and tracestate says nothing then`, () => {
      expect(readTrace({ traceparent, tracestate: 'a=1' })).toBeUndefined();
    });
  }
});
