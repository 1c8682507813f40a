import { indexFunctions } from '../../../local/host/function-index.ts';
import { HostStartError } from '../../../local/host/start-error.ts';
import { conforms } from '../../support/conformance.ts';
import { makeLibraryHost, type LibraryHost } from '../../support/host/library-host.ts';

const FUNCTIONS = '@azure/functions dist/azure-functions.js';
const DURABLE = 'durable-functions lib/src/app.js, lib/src/client.js';

/**
 * Every way to bind that the two libraries have, and whether this host has the binding. A version
 * of a library with another one does not pass until it is entered here, and decided.
 */
const table = {
  app: {
    runs: ['http', 'get', 'put', 'post', 'patch', 'deleteRequest', 'timer', 'eventGrid', 'warmup'],
    refused: [
      ...['storageBlob', 'storageQueue', 'serviceBusQueue', 'serviceBusTopic', 'eventHub'],
      ...['connectorTrigger', 'cosmosDB', 'sql', 'mySql', 'webPubSub', 'generic'],
      ...['mcpTool', 'mcpResource', 'mcpPrompt'],
    ],
    bindsNothing: ['hook', 'setup'],
  },
  trigger: {
    runs: ['http', 'timer', 'eventGrid', 'warmup'],
    refused: [
      ...['storageBlob', 'storageQueue', 'serviceBusQueue', 'serviceBusTopic', 'eventHub'],
      ...['connectorTrigger', 'cosmosDB', 'sql', 'mySql', 'webPubSub', 'generic'],
      ...['mcpTool', 'mcpResource', 'mcpPrompt'],
    ],
    bindsNothing: [],
  },
  input: {
    runs: [],
    refused: [
      ...['storageBlob', 'table', 'cosmosDB', 'sql', 'mySql', 'generic'],
      ...['webPubSubConnection', 'webPubSubContext'],
    ],
    bindsNothing: [],
  },
  output: {
    runs: ['http'],
    refused: [
      ...['storageBlob', 'table', 'storageQueue', 'serviceBusQueue', 'serviceBusTopic', 'eventHub'],
      ...['eventGrid', 'cosmosDB', 'sql', 'mySql', 'webPubSub', 'generic'],
    ],
    bindsNothing: [],
  },
  'df.app': {
    runs: ['orchestration', 'entity', 'activity'],
    refused: [],
    bindsNothing: ['client', 'setExceptionPropertiesProvider', 'wrapActivityHandler'],
  },
  'df.app.client': {
    runs: ['http', 'timer', 'eventGrid'],
    refused: [
      ...['storageBlob', 'storageQueue', 'serviceBusQueue', 'serviceBusTopic', 'eventHub'],
      ...['cosmosDB', 'generic'],
    ],
    bindsNothing: [],
  },
  'df.trigger': { runs: ['orchestration', 'entity', 'activity'], refused: [], bindsNothing: [] },
  'df.input': { runs: ['durableClient'], refused: [], bindsNothing: [] },
} as const;

type Place = keyof typeof table;

/** What the several kinds ask for, all in one. */
const everyOption = {
  handler: () => undefined,
  schedule: '0 0 * * * *',
  // For the generic ones.
  type: 'somethingElseTrigger',
  ...{
    toolName: 't',
    toolProperties: [],
    promptName: 'p',
    uri: 'r://x',
    resourceName: 'r',
    description: 'd',
  },
};

function membersOf(host: LibraryHost, place: Place): Readonly<Record<string, unknown>> {
  const { functions, durable } = host;
  const places: Record<Place, object> = {
    app: functions.app,
    trigger: functions.trigger,
    input: functions.input,
    output: functions.output,
    'df.app': durable.app,
    'df.app.client': durable.app.client,
    'df.trigger': durable.trigger,
    'df.input': durable.input,
  };
  return { ...places[place] };
}

/** One for all tests: the libraries take long to load. */
const library = makeLibraryHost();

/** Registers one function `fn` with the binding of a place's member, and nothing else unusual. */
async function bind(place: Place, member: string): Promise<LibraryHost> {
  const host = await library;
  host.registry.functions.clear();
  const { app, trigger } = host.functions;
  const make = membersOf(host, place)[member];
  if (typeof make !== 'function') throw new Error(`${place}.${member} is no function.`);
  const called = (...args: unknown[]): unknown => Reflect.apply(make, undefined, args);
  if (place === 'app' || place === 'df.app' || place === 'df.app.client') {
    const generic = member === 'generic' ? { trigger: trigger.generic(everyOption) } : {};
    const client = place === 'df.app.client' ? [host.durable.input.durableClient()] : [];
    called('fn', { ...everyOption, ...generic, extraInputs: client });
    return host;
  }
  // The libraries' types know which binding goes where; here it is one of all of them.
  const binding = called(everyOption) as never;
  const handler = (): void => undefined;
  const timer = trigger.timer({ schedule: '0 0 * * * *' });
  if (place.includes('trigger')) app.generic('fn', { trigger: binding, handler });
  else if (place.includes('input'))
    app.generic('fn', { trigger: timer, extraInputs: [binding], handler });
  else app.generic('fn', { trigger: timer, extraOutputs: [binding], handler });
  return host;
}

const index = ({ registry }: LibraryHost) => indexFunctions([...registry.functions.values()], {});

for (const [place, members] of Object.entries(table) as [Place, (typeof table)[Place]][]) {
  const source = place.startsWith('df') ? DURABLE : FUNCTIONS;

  describe(`Of ${place}`, () => {
    conforms(source, 'every member is known to this table', async () => {
      const known = [...members.runs, ...members.refused, ...members.bindsNothing];
      const there = Object.keys(membersOf(await library, place));
      expect(there.filter((name) => name !== 'default').sort()).toEqual([...known].sort());
    });

    for (const member of members.runs) {
      conforms(source, `${member} is run`, async () => {
        expect(index(await bind(place, member))).toMatchObject([{ name: 'fn', disabled: false }]);
      });
    }

    for (const member of members.refused) {
      conforms(
        source,
        `${member} is refused by the function's and the binding's name`,
        async () => {
          const host = await bind(place, member);
          const bindings = Object.entries(host.registered('fn').bindings);
          const direction = place.includes('put') ? place.slice(0, -3) : 'in';
          const [name, binding] = bindings.find(([, one]) => {
            const isTimer = one.type === 'timerTrigger';
            return one.direction === direction && !isTimer && one.type !== 'durableClient';
          }) ?? ['nothing', { type: 'at all' }];
          const refusal = capture(() => index(host));
          expect(refusal.code).toBe('BINDING_UNSUPPORTED');
          expect(refusal.message).toContain(
            `Function "fn" uses the binding "${name}" of type "${binding.type}"`,
          );
        },
      );
    }
  });
}

function capture(run: () => unknown): HostStartError {
  try {
    run();
  } catch (error) {
    if (error instanceof HostStartError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}
