import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OrchestrationContext } from 'durable-functions';
import type { DurableExtension } from '../../../local/host/durable/extension.ts';
import { makeDurableExtension } from '../../../local/host/durable/index.ts';
import { readSettings } from '../../../local/host/durable/settings.ts';
import { readHostSettings } from '../../../local/host/host-settings.ts';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost } from '../../support/host/durable-host.ts';

const DOCS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-task-hubs#task-hub-names';
const OPTIONS =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Options/DurableTaskOptions.cs';
const STORAGE =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Options/AzureStorageOptions.cs';

/** The name that an app with this host.json and these app settings has for its task hub. */
function hubName(
  settings: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = {},
): string {
  return readSettings(settings, environment).hubName;
}

describe('The task hub', () => {
  conforms(DOCS, 'is named in host.json', () => {
    expect(hubName({ hubName: 'MyTaskHub' })).toBe('MyTaskHub');
  });

  conforms(DOCS, 'may be named by an app setting', () => {
    const environment = { MyTaskHub: 'samplehubv3' };
    expect(hubName({ hubName: '%MyTaskHub%' }, environment)).toBe('samplehubv3');
  });

  conforms(DOCS, 'is named TestHubName where there is no site', () => {
    expect(hubName({})).toBe('TestHubName');
  });

  conforms(OPTIONS, 'is named after the site where there is one', () => {
    expect(hubName({}, { WEBSITE_SITE_NAME: 'contoso' })).toBe('contoso');
  });

  const sites: readonly (readonly [string, string])[] = [
    ['my-app', 'myapp'],
    ['1st-app', 't1stapp'],
    ['a', 'aHub'],
    ['---', 'DefaultTaskHub'],
    ['a'.repeat(60), 'a'.repeat(45)],
  ];
  for (const [site, name] of sites) {
    conforms(STORAGE, `of the site ${site} is named ${name}`, () => {
      expect(hubName({}, { WEBSITE_SITE_NAME: site })).toBe(name);
    });
  }
});

describe('A task hub cannot be named', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['with fewer than three characters', 'ab'],
    ['with more than 45 characters', 'a'.repeat(46)],
    ['with anything but letters and digits', 'my-hub'],
    ['beginning with a digit', '1hub'],
    ['nothing', ''],
    ['with letters beyond the alphabet', 'hübchen'],
  ];
  for (const [how, name] of wrong) {
    conforms(DOCS, `${how}, and the app does not start`, () => {
      expect(() => hubName({ hubName: name })).toThrow(
        `"extensions.durableTask.hubName" is "${name}"; the name of a task hub has 3 to 45 letters and digits and begins with a letter.`,
      );
    });
  }

  conforms(DOCS, 'by an app setting that is not there', () => {
    expect(() => hubName({ hubName: '%MyTaskHub%' })).toThrow(
      'is %MyTaskHub%, and there is no app setting "MyTaskHub"',
    );
  });

  conforms(DOCS, 'by an app setting that holds no name', () => {
    expect(() => hubName({ hubName: '%MyTaskHub%' }, { MyTaskHub: 'my-hub' })).toThrow(
      'from the app setting "MyTaskHub", is "my-hub"',
    );
  });

  conforms(DOCS, 'by something that is no text', () => {
    expect(() => hubName({ hubName: 7 })).toThrow('must be text');
  });
});

describe('A state folder', () => {
  let stateDir: string;
  const extensions: DurableExtension[] = [];

  beforeEach(() => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'task-hub-'));
  });
  afterEach(async () => {
    for (const extension of extensions.splice(0)) await extension.stop(1_000);
    rmSync(stateDir, { recursive: true, force: true });
  });

  function make(hub: string): DurableExtension {
    const extension = makeDurableExtension({
      ...{ stateDir, settings: { hubName: hub }, systemKey: 'key', environment: {} },
      baseUrl: 'http://127.0.0.1:7071',
      log: () => undefined,
    });
    extension.register({
      name: 'Wait',
      bindingType: 'orchestrationTrigger',
      invoke: () => Promise.resolve({ isDone: false, actions: [[]] }),
    });
    extensions.push(extension);
    return extension;
  }

  async function ask(extension: DurableExtension, method: string, path: string): Promise<unknown> {
    const url = new URL(`http://127.0.0.1:7071/runtime/webhooks/durabletask/${path}`);
    const { status, body } = await extension.handleHttp({
      ...{ method, url, headers: {}, body: Buffer.alloc(0) },
    });
    return { status, body };
  }

  conforms(DOCS, 'is not shared by two task hubs: nothing gets lost or mixed', async () => {
    const first = make('first');
    await first.start();
    await ask(first, 'POST', 'orchestrators/Wait/one');
    await first.stop(1_000);
    const second = make('second');
    await expect(second.start()).rejects.toThrow(
      `${stateDir} holds the task hub "first", and the app's is named "second"`,
    );
    const again = make('FIRST');
    await again.start();
    expect(await ask(again, 'GET', 'instances/one')).toMatchObject({ body: { instanceId: 'one' } });
  });

  conforms(DOCS, 'is free again when it was refused', async () => {
    await make('first').start();
    await extensions[0]?.stop(1_000);
    await expect(make('second').start()).rejects.toThrow('holds the task hub');
    await make('first').start();
  });
});

describe('A client whose binding names another task hub', () => {
  const CLIENT =
    'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#orchestration-client-configuration';
  const orchestrators = {
    *Wait(context: OrchestrationContext) {
      yield context.df.waitForExternalEvent('go');
    },
  };

  conforms(CLIENT, 'is told that there is none: this machine has one hub', async () => {
    const host = await makeDurableHost({ orchestrators });
    await host.client.startNew('Wait', { instanceId: 'one' });
    await expect(host.clientFor('Other').getStatus('one')).rejects.toThrow();
    await expect(host.clientFor('Other').raiseEvent('one', 'go', null)).rejects.toThrow();
    expect(await host.clientFor('hub').getStatus('one')).toMatchObject({ instanceId: 'one' });
  });

  conforms(CLIENT, 'starts nothing in this one', async () => {
    const host = await makeDurableHost({ orchestrators });
    await expect(host.clientFor('Other').startNew('Wait', { instanceId: 'one' })).rejects.toThrow(
      "There is no task hub 'Other' here, only 'Hub'.",
    );
    expect(await host.client.getStatusAll()).toEqual([]);
  });
});

describe('The name in host.json', () => {
  conforms(
    'https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values',
    'gives way to the app setting for that value',
    () => {
      const appDir = mkdtempSync(path.join(tmpdir(), 'hub-name-'));
      try {
        const durableTask = { hubName: 'fromFile' };
        const json = JSON.stringify({ version: '2.0', extensions: { durableTask } });
        writeFileSync(path.join(appDir, 'host.json'), json);
        const setting = 'AzureFunctionsJobHost__extensions__durableTask__hubName';
        const host = readHostSettings(appDir, { [setting]: 'fromSetting' });
        expect(hubName(host.durableTask)).toBe('fromSetting');
      } finally {
        rmSync(appDir, { recursive: true, force: true });
      }
    },
  );
});
