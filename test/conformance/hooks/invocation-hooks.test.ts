import type { PreInvocationContext } from '@azure/functions';
import { conforms } from '../../support/conformance.ts';
import { makeLibraryHost, TRIGGER, type LibraryHost } from '../../support/host/library-host.ts';

const GUIDE =
  'https://learn.microsoft.com/azure/azure-functions/functions-reference-node#invocation-hooks';
const HANDLER = 'Azure/azure-functions-nodejs-worker src/eventHandlers/InvocationHandler.ts';
const LOG = 'Azure/azure-functions-nodejs-worker src/WorkerContext.ts';

/** An app with one function `fn`, which answers `echo` and its input. */
async function makeApp(
  handler: (input: unknown) => unknown = (input) => `echo ${String(input)}`,
): Promise<LibraryHost> {
  const host = await makeLibraryHost();
  host.functions.app.generic('fn', { trigger: TRIGGER, handler });
  return host;
}

describe('Hooks of an invocation', () => {
  conforms(GUIDE, 'run around the function, in the order of their registration', async () => {
    const ran: string[] = [];
    const { functions, invoke } = await makeApp(() => void ran.push('function'));
    const { hook } = functions.app;
    hook.postInvocation(() => void ran.push('after 1'));
    hook.preInvocation(() => void ran.push('before 1'));
    hook.preInvocation(() => void ran.push('before 2'));
    hook.postInvocation(() => void ran.push('after 2'));
    await invoke('fn');
    expect(ran).toEqual(['before 1', 'before 2', 'function', 'after 1', 'after 2']);
  });

  conforms(GUIDE, 'know the invocation and the type of its trigger', async () => {
    const { functions, invoke } = await makeApp();
    const seen: unknown[] = [];
    functions.app.hook.preInvocation(({ invocationContext, inputs }) => {
      const { functionName, options } = invocationContext;
      seen.push(functionName, options.trigger.type, inputs);
    });
    await invoke('fn', 'x');
    expect(seen).toEqual(['fn', TRIGGER.type, ['x']]);
  });

  conforms(GUIDE, 'can change the inputs', async () => {
    const { functions, invoke } = await makeApp();
    functions.app.hook.preInvocation((context) => void (context.inputs = ['changed']));
    expect(await invoke('fn')).toBe('echo changed');
  });

  conforms(GUIDE, 'can change the function', async () => {
    const { functions, invoke } = await makeApp();
    functions.app.hook.preInvocation((context) => {
      const { functionHandler } = context;
      context.functionHandler = async (input, invocation) =>
        `wrapped ${String(await functionHandler(input, invocation))}`;
    });
    expect(await invoke('fn')).toBe('wrapped echo in');
  });

  conforms(GUIDE, 'can change the result', async () => {
    const { functions, invoke } = await makeApp();
    functions.app.hook.postInvocation((context) => {
      context.result = `${String(context.result)}, changed`;
    });
    expect(await invoke('fn')).toBe('echo in, changed');
  });

  conforms(GUIDE, 'see the error, and can take it away', async () => {
    const { functions, invoke } = await makeApp(() => {
      throw new Error('ill');
    });
    let seen: unknown;
    functions.app.hook.postInvocation((context) => {
      ({ error: seen } = context);
      context.error = null;
      context.result = 'healed';
    });
    expect(await invoke('fn')).toBe('healed');
    expect(seen).toEqual(new Error('ill'));
  });

  conforms(GUIDE, 'can make an error of a success', async () => {
    const { functions, invoke } = await makeApp();
    functions.app.hook.postInvocation((context) => void (context.error = new Error('not so')));
    await expect(invoke('fn')).rejects.toThrow('not so');
  });

  conforms(GUIDE, 'share hookData within one invocation only', async () => {
    const { functions, invoke } = await makeApp();
    const seen: unknown[] = [];
    functions.app.hook.preInvocation(({ hookData, inputs }) => {
      seen.push({ ...hookData });
      hookData['of'] = inputs[0];
    });
    functions.app.hook.postInvocation(({ hookData }) => void seen.push({ ...hookData }));
    await invoke('fn', 'a');
    await invoke('fn', 'b');
    expect(seen).toEqual([{}, { of: 'a' }, {}, { of: 'b' }]);
  });

  conforms(HANDLER, 'share appHookData with all others, on the core interface', async () => {
    const { registry, invoke } = await makeApp();
    // @azure/functions shows hookData only; libraries that register with the core see both.
    const dataOf = (context: unknown): unknown => Reflect.get(Object(context), 'appHookData');
    const seen: unknown[] = [];
    registry.hooks.preInvocation.push((context) => void seen.push(dataOf(context)));
    registry.hooks.postInvocation.push((context) => void seen.push(dataOf(context)));
    await invoke('fn');
    expect(seen).toEqual([registry.appHookData, registry.appHookData]);
    expect(seen[0]).toBe(seen[1]);
  });

  for (const name of ['hookData', 'invocationContext'] as const) {
    conforms(HANDLER, `cannot replace ${name}`, async () => {
      const { functions, invoke } = await makeApp();
      functions.app.hook.preInvocation((context: PreInvocationContext) => {
        Reflect.set(context, name, {});
      });
      await expect(invoke('fn')).rejects.toThrow(`Cannot assign to read only property '${name}'`);
    });
  }

  conforms(GUIDE, 'that were disposed of do not run', async () => {
    const { functions, invoke } = await makeApp();
    const disposable = functions.app.hook.preInvocation((context) => void (context.inputs = ['x']));
    expect(await invoke('fn')).toBe('echo x');
    disposable.dispose();
    expect(await invoke('fn')).toBe('echo in');
  });
});

describe('A hook that throws', () => {
  conforms(HANDLER, 'before keeps the function and the hooks after it from running', async () => {
    const ran: string[] = [];
    const { functions, invoke } = await makeApp(() => void ran.push('function'));
    functions.app.hook.preInvocation(() => Promise.reject(new Error('not today')));
    functions.app.hook.preInvocation(() => void ran.push('before'));
    functions.app.hook.postInvocation(() => void ran.push('after'));
    await expect(invoke('fn')).rejects.toThrow('not today');
    expect(ran).toEqual([]);
  });

  conforms(HANDLER, 'after makes the invocation fail, whatever the function did', async () => {
    const { functions, invoke } = await makeApp(() => {
      throw new Error('of the function');
    });
    functions.app.hook.postInvocation(() => {
      throw new Error('of the hook');
    });
    await expect(invoke('fn')).rejects.toThrow('of the hook');
  });

  conforms(HANDLER, 'is logged as a failure of the function', async () => {
    const { functions, invoke, lines } = await makeApp();
    functions.app.hook.preInvocation(() => Promise.reject(new Error('not today')));
    await expect(invoke('fn')).rejects.toThrow();
    const last = lines.at(-1);
    expect(last?.level).toBe('error');
    expect(last?.message).toMatch(/^Executed 'Functions\.fn' \(Failed.*\nError: not today/);
  });
});

describe('A log hook', () => {
  const said = ({ lines }: LibraryHost) =>
    lines
      .filter(({ category }) => category.endsWith('.User'))
      .map((line) => [line.level, line.message]);

  async function makeTalkingApp(): Promise<LibraryHost> {
    const host = await makeLibraryHost();
    const handler = (_: unknown, context: { warn(text: string): void }) => context.warn('hm');
    host.functions.app.generic('fn', { trigger: TRIGGER, handler });
    return host;
  }

  conforms(GUIDE, 'can change the text and the level of what the app says', async () => {
    const host = await makeTalkingApp();
    host.functions.app.hook.log((context) => {
      if (context.category !== 'user') return;
      context.message = `${context.message}!`;
      context.level = 'error';
    });
    await host.invoke('fn');
    expect(said(host)).toEqual([['error', 'hm!']]);
  });

  conforms(LOG, 'cannot change what the system says', async () => {
    const host = await makeTalkingApp();
    host.functions.app.hook.log((context) => void (context.message = 'changed'));
    host.functions.app.hook.preInvocation(() => undefined);
    await host.invoke('fn');
    expect(host.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Executing/),
      'changed',
      expect.stringMatching(/^Executed/),
    ]);
  });

  conforms(LOG, 'that throws leaves the line as it was', async () => {
    const host = await makeTalkingApp();
    host.functions.app.hook.log((context) => void (context.message = 'changed'));
    host.functions.app.hook.log(() => {
      throw new Error('no');
    });
    await host.invoke('fn');
    expect(said(host)).toEqual([['warning', 'hm']]);
  });

  conforms(LOG, 'knows the invocation that a line belongs to', async () => {
    const host = await makeTalkingApp();
    const seen: unknown[] = [];
    host.functions.app.hook.preInvocation(({ hookData }) => void (hookData['mark'] = 7));
    host.functions.app.hook.log(({ hookData, invocationContext, category }) => {
      if (category === 'user') seen.push(hookData['mark'], invocationContext?.functionName);
    });
    await host.invoke('fn');
    expect(seen).toEqual([7, 'fn']);
  });

  conforms(LOG, 'hears what the library says outside of invocations', async () => {
    const host = await makeTalkingApp();
    const heard: string[] = [];
    host.functions.app.hook.log(({ message }) => void heard.push(message));
    host.functions.app.setup({ capabilities: { Own: true } });
    expect(heard).toEqual([expect.stringContaining('Own')]);
  });
});
