import { conforms } from '../../support/conformance.ts';
import { makeLibraryHost, TRIGGER } from '../../support/host/library-host.ts';

const GUIDE =
  'https://learn.microsoft.com/azure/azure-functions/functions-reference-node#app-hooks';
const HOOKS = 'Azure/azure-functions-nodejs-worker src/hooks/executeHooks.ts';
const START = 'Azure/azure-functions-nodejs-worker src/startApp.ts';
const TERMINATE = 'Azure/azure-functions-nodejs-worker src/eventHandlers/terminateWorker.ts';

describe('Hooks of an app', () => {
  conforms(GUIDE, 'run in the order in which they were registered', async () => {
    const { functions, start, terminate } = await makeLibraryHost();
    const { hook } = functions.app;
    const ran: string[] = [];
    hook.appStart(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      ran.push('first');
    });
    hook.appStart(() => void ran.push('second'));
    hook.appTerminate(() => void ran.push('third'));
    hook.appTerminate(() => void ran.push('last'));
    await start();
    await terminate();
    expect(ran).toEqual(['first', 'second', 'third', 'last']);
  });

  conforms(START, 'share their hookData from the start to the end', async () => {
    const { functions, start, terminate } = await makeLibraryHost();
    const { hook } = functions.app;
    let found: unknown;
    hook.appStart(({ hookData }) => void (hookData['opened'] = 'a connection'));
    hook.appTerminate(({ hookData }) => void (found = hookData['opened']));
    await start();
    await terminate();
    expect(found).toBe('a connection');
  });

  conforms(START, 'do not share hookData with hooks of an invocation', async () => {
    const { functions, start, invoke } = await makeLibraryHost();
    const { app } = functions;
    let found: unknown;
    app.hook.appStart(({ hookData }) => void (hookData['opened'] = 'a connection'));
    app.hook.preInvocation(({ hookData }) => void (found = hookData));
    app.generic('fn', { trigger: TRIGGER, handler: () => undefined });
    await start();
    await invoke('fn');
    expect(found).toEqual({});
  });

  conforms(GUIDE, 'that were disposed of do not run', async () => {
    const { functions, start } = await makeLibraryHost();
    const { hook } = functions.app;
    const ran: string[] = [];
    hook.appStart(() => void ran.push('disposed')).dispose();
    hook.appStart(() => void ran.push('kept'));
    await start();
    expect(ran).toEqual(['kept']);
  });

  conforms(HOOKS, 'that throw at the start keep those after them from running', async () => {
    const { functions, start } = await makeLibraryHost();
    const { hook } = functions.app;
    const ran: string[] = [];
    hook.appStart(() => {
      throw new Error('no connection');
    });
    hook.appStart(() => void ran.push('after'));
    await expect(start()).rejects.toThrow('no connection');
    expect(ran).toEqual([]);
  });

  conforms(TERMINATE, 'that throw at the end are told of', async () => {
    const { functions, terminate } = await makeLibraryHost();
    functions.app.hook.appTerminate(() => Promise.reject(new Error('still open')));
    await expect(terminate()).rejects.toThrow('still open');
  });
});
