import { indexFunctions } from '../../../local/host/function-index.ts';
import type { Binding } from '../../../local/host/worker/registry.ts';
import { registered } from '../../support/host/functions.ts';

const index = (
  bindings: Readonly<Record<string, Binding>>,
  environment: Record<string, string> = {},
  name = 'fn',
) => {
  const [fn] = indexFunctions([registered(name, bindings)], environment);
  if (fn === undefined) throw new Error('There is no function.');
  return fn;
};
const timer = { type: 'timerTrigger', direction: 'in', schedule: '%WHEN%' } as const;

describe('Reading a function’s bindings', () => {
  test('an HTTP trigger has its name as route and upper-case methods', () => {
    const trigger = {
      type: 'HttpTrigger',
      direction: 'in',
      methods: ['get'],
      authLevel: 'Anonymous',
    } as const;
    expect(index({ req: trigger, $return: { type: 'http', direction: 'out' } })).toMatchObject({
      kind: 'httpTrigger',
      route: 'fn',
      methods: ['GET'],
      authLevel: 'anonymous',
      triggerName: 'req',
      disabled: false,
    });
  });

  test('a setting named in a binding is filled in, the app’s own view of it is kept', () => {
    const fn = index({ t: timer }, { WHEN: '0 0 * * * *' });
    expect(fn).toMatchObject({ kind: 'timerTrigger', schedule: '0 0 * * * *', useMonitor: true });
    expect(fn.registered.bindings['t']?.['schedule']).toBe('%WHEN%');
  });

  test('a missing setting of another binding than the trigger is named, too', () => {
    const client = { type: 'durableClient', direction: 'in', taskHub: '%HUB%' } as const;
    expect(() => index({ t: timer, client }, { WHEN: '0 0 * * * *' })).toThrow(
      'The app setting "HUB" is missing; function "fn", property "taskHub" asks for it as %HUB%.',
    );
  });

  test('a missing setting is named with the function and the property', () => {
    expect(() => index({ t: timer })).toThrow(
      'The app setting "WHEN" is missing; function "fn", property "schedule" asks for it as %WHEN%.',
    );
  });

  test.each([
    [{ q: { type: 'queueTrigger', direction: 'in' } }, '"q" of type "queueTrigger"'],
    [
      { t: timer, out: { type: 'queue', direction: 'out' } },
      'Function "fn" uses the binding "out" of type "queue"',
    ],
    [{ t: timer, in: { type: 'blob', direction: 'in' } }, '"in" of type "blob"'],
    [{ in: { type: 'durableClient', direction: 'in' } }, 'has 0 triggers'],
    [{ a: timer, b: timer }, 'has 2 triggers'],
    [{ t: { type: 'timerTrigger', direction: 'in' } }, 'without a "schedule"'],
    [{ h: { type: 'httpTrigger', direction: 'in', authLevel: 'owner' } }, '"authLevel"'],
    [{ h: { type: 'httpTrigger', direction: 'in', methods: 'GET' } }, '"methods"'],
    [{ h: { type: 'httpTrigger', direction: 'in', route: 3 } }, '"route"'],
  ] as const)('%j is refused', (bindings, named) => {
    expect(() => index(bindings, { WHEN: '0 0 * * * *' })).toThrow(named);
  });

  test('everything that is not supported is named at once, with what to do', () => {
    const functions = [
      registered('one', { q: { type: 'queueTrigger', direction: 'in' } }),
      registered('two', { t: timer, o: { type: 'queue', direction: 'out' } }),
    ];
    expect(() => indexFunctions(functions, { WHEN: 'x' })).toThrow(
      [
        'Function "one" uses the binding "q" of type "queueTrigger", which this host does not support.',
        'Function "two" uses the binding "o" of type "queue", which this host does not support.',
        'It has httpTrigger, timerTrigger, eventGridTrigger, durable triggers and durableClient.',
        'To run the rest, put this before the command, or into "Values" of local.settings.json:',
        'AzureWebJobs__one__Disabled=true AzureWebJobs__two__Disabled=true',
      ].join('\n'),
    );
  });

  test.each(['AzureWebJobs.fn.Disabled', 'AzureWebJobs__fn__Disabled'])(
    'what is switched off by %s may bind anything',
    (setting) => {
      const fn = index(
        { q: { type: 'queueTrigger', direction: 'in', queueName: '%QUEUE%' } },
        { [setting]: 'true' },
      );
      expect(fn).toMatchObject({ kind: 'unsupported', type: 'queueTrigger', disabled: true });
    },
  );

  test.each(['1st', '../x', 'a b', '', `a${'b'.repeat(128)}`])('the name %p is refused', (name) => {
    expect(() => index({ t: timer }, { WHEN: 'x' }, name)).toThrow('function name');
  });

  test.each([
    ['AzureWebJobs.fn.Disabled', 'true', true],
    ['AzureWebJobs__fn__Disabled', '1', true],
    ['AzureWebJobs.fn.Disabled', 'false', false],
    ['AzureWebJobs.other.Disabled', 'true', false],
  ])('the setting %s=%s: disabled is %s', (setting, value, disabled) => {
    expect(index({ t: timer }, { WHEN: 'x', [setting]: value }).disabled).toBe(disabled);
  });
});
