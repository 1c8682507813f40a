import { makeLog, type HostLogLine } from '../../../local/host/log.ts';
import { makeInvoker } from '../../../local/host/worker/invoke.ts';
import {
  makeRegistry,
  type Binding,
  type CoreInvocationContext,
  type FunctionCallback,
} from '../../../local/host/worker/registry.ts';
import { retryDelay, retrying } from '../../../local/host/worker/retry.ts';
import { fromTypedData, toTypedData } from '../../../local/host/worker/rpc.ts';

const bindings: Readonly<Record<string, Binding>> = {
  trigger: { type: 'activityTrigger', direction: 'in' },
  client: { type: 'durableClient', direction: 'in', taskHub: 'hub' },
};

/** A programming model that does as little as one can. */
function setUp({ timeoutMs }: { timeoutMs?: number } = {}) {
  const registry = makeRegistry();
  const lines: HostLogLine[] = [];
  const contexts: CoreInvocationContext[] = [];
  registry.programmingModel = {
    name: 'test',
    version: '1',
    getInvocationModel: (core) => {
      contexts.push(core);
      return {
        getArguments: () =>
          Promise.resolve({
            context: { core },
            inputs: [fromTypedData(core.request.inputData[0]?.data)],
          }),
        invokeFunction: async (context, inputs, callback) => callback(...inputs, context),
        getResponse: (_, result) => Promise.resolve({ returnValue: toTypedData(result) }),
      };
    },
  };
  const invoker = makeInvoker({
    registry,
    timeoutMs,
    log: makeLog({ default: 'trace' }, (line) => lines.push(line)),
    inputValue: (binding) => ({ hub: binding['taskHub'] }),
  });
  const invoke = async (callback: FunctionCallback, input: unknown = 'in') => {
    const fn = { name: 'fn', bindings, callback };
    const data = toTypedData(input);
    const response = await invoker.invoke(fn, { name: 'trigger', data, reason: 'test' });
    return fromTypedData(response.returnValue);
  };
  return { registry, invoker, invoke, lines, contexts };
}

describe('An invocation', () => {
  test('goes through the programming model with trigger and inputs', async () => {
    const { invoke, contexts } = setUp();
    expect(await invoke((input) => ({ got: input }))).toEqual({ got: 'in' });
    expect(contexts[0]?.request.inputData).toEqual([
      { name: 'trigger', data: { string: 'in' } },
      { name: 'client', data: { json: '{"hub":"hub"}' } },
    ]);
    expect(contexts[0]?.request.traceContext.traceParent).toMatch(
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/,
    );
  });

  test.each([
    ['activityTrigger', 'information'],
    ['entityTrigger', 'information'],
    ['orchestrationTrigger', 'debug'],
  ])('of a %s is told at level %s', async (type, level) => {
    const { invoker, lines } = setUp();
    const trigger = { type, direction: 'in' } as const;
    const fn = { name: 'fn', bindings: { trigger }, callback: () => 1 };
    await invoker.invoke(fn, { name: 'trigger', data: toTypedData('in'), reason: 'test' });
    expect(lines.map((line) => line.level)).toEqual([level, level]);
  });

  test('that runs longer than it may fails, and nobody waits for it', async () => {
    const { invoker, invoke, lines } = setUp({ timeoutMs: 1 });
    await expect(invoke(() => new Promise(() => undefined))).rejects.toThrow('functionTimeout');
    expect(lines.at(-1)?.message).toContain('(Failed');
    expect(await invoker.drain(60_000)).toBe(true);
  });

  test.each([[new Error('broken')], ['a text'], [undefined]])(
    'rejects when %p is thrown',
    async (thrown) => {
      const { invoke, lines } = setUp();
      const fail = () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- apps do
        throw thrown;
      };
      await expect(invoke(fail)).rejects.toBeDefined();
      expect(lines.at(-1)).toMatchObject({ level: 'error', functionName: 'fn' });
    },
  );

  test('lets hooks change inputs, function, result and error', async () => {
    const { registry, invoke } = setUp();
    // The contexts are plain objects that the programming model wraps.
    registry.hooks.preInvocation.push((context) =>
      Reflect.set(Object(context) as object, 'inputs', ['changed']),
    );
    expect(await invoke((input) => input)).toBe('changed');

    registry.hooks.postInvocation.push((context) => {
      Reflect.set(Object(context) as object, 'error', null);
      Reflect.set(Object(context) as object, 'result', 'healed');
    });
    expect(await invoke(() => Promise.reject(new Error('ill')))).toBe('healed');

    registry.hooks.preInvocation.push(() => {
      throw new Error('hook says no');
    });
    await expect(invoke(() => 'never')).rejects.toThrow('hook says no');
  });

  test('shares hook data between the hooks of one invocation only', async () => {
    const { registry, invoke } = setUp();
    const seen: unknown[] = [];
    registry.hooks.preInvocation.push((context) => {
      const data: unknown = Reflect.get(Object(context) as object, 'hookData');
      seen.push({ ...(data as object) });
      Reflect.set(data as object, 'mark', seen.length);
    });
    registry.hooks.postInvocation.push((context) => {
      seen.push({ ...(Reflect.get(Object(context) as object, 'hookData') as object) });
    });
    await invoke(() => 1);
    await invoke(() => 2);
    expect(seen).toEqual([{}, { mark: 1 }, {}, { mark: 3 }]);
  });

  test('writes what the app says though a log hook throws', async () => {
    const { registry, invoke, lines, contexts } = setUp();
    registry.hooks.log.push((line) => Reflect.set(Object(line) as object, 'message', 'changed'));
    registry.hooks.log.push(() => {
      throw new Error('no');
    });
    await invoke(() => {
      contexts[0]?.log('warning', 'user', 'original');
      contexts[0]?.log('warning', 'system', 'system');
    });
    expect(lines.map(({ category, message }) => [category, message])).toEqual(
      expect.arrayContaining([
        ['Function.fn.User', 'original'],
        ['Function.fn', 'system'],
      ]),
    );
  });

  test('is waited for when the host stops, but not longer than the grace', async () => {
    const { invoke, invoker } = setUp();
    const gate = Promise.withResolvers<undefined>();
    const invocation = invoke(() => gate.promise);
    expect(await invoker.drain(1)).toBe(false);
    const drained = invoker.drain(60_000);
    gate.resolve(undefined);
    expect(await drained).toBe(true);
    await invocation;
  });

  test('is refused once the host has stopped, and not tried again', async () => {
    const { invoke, invoker } = setUp();
    invoker.close();
    const endless = { retryStrategy: 'fixedDelay', maxRetryCount: -1 };
    const run = retrying(endless, () => invoke(() => 'never'));
    await expect(run('x', 'r')).rejects.toThrow('The host has stopped.');
  });
});

describe('A retry policy', () => {
  const policy = { retryStrategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { seconds: 0 } };

  test('runs a failing function again and tells it so', async () => {
    const retries: unknown[] = [];
    const run = retrying(policy, (_payload: string, _reason, retry) => {
      retries.push(retry?.retryCount);
      return retries.length < 3 ? Promise.reject(new Error('no')) : Promise.resolve('done');
    });
    expect(await run('x', 'r')).toBe('done');
    expect(retries).toEqual([undefined, 1, 2]);
  });

  test('gives up with the last failure', async () => {
    let calls = 0;
    const run = retrying(policy, () => Promise.reject(new Error(`failure ${(calls += 1)}`)));
    await expect(run('x', 'r')).rejects.toThrow('failure 3');
  });

  test.each([
    [1, 2_000],
    [2, 4_000],
    [3, 8_000],
    [9, 10_000],
  ])('waits longer each time, up to its limit: before retry %i', (count, expected) => {
    const backoff = {
      retryStrategy: 'exponentialBackoff',
      minimumInterval: { seconds: 2 },
      maximumInterval: { seconds: 10 },
    };
    expect(retryDelay(backoff, count)).toBe(expected);
  });
});

describe('A value between host and worker', () => {
  test.each([['text'], [''], [{ a: [1, null] }], [3], [null], [true], [undefined]])(
    '%j arrives as it was sent',
    (value) => {
      expect(fromTypedData(toTypedData(value))).toEqual(value);
    },
  );

  test('arrives as bytes when it was bytes', () => {
    expect(fromTypedData(toTypedData(Buffer.of(0, 255)))).toEqual(Buffer.of(0, 255));
  });
});
