import type { InvocationContext } from '@azure/functions';
import { makeLog, thresholdFor, type HostLogLine } from '../../../local/host/log.ts';
import { conforms } from '../../support/conformance.ts';
import { makeLibraryHost, TRIGGER } from '../../support/host/library-host.ts';

const CATEGORIES =
  'https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-categories';
const LEVELS =
  'https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-log-levels';
const CONTEXT =
  'https://learn.microsoft.com/azure/azure-functions/functions-reference-node#log-levels';
const RULES = 'dotnet/runtime Microsoft.Extensions.Logging LoggerRuleSelector.cs';

describe('What an app says', () => {
  conforms(CONTEXT, 'is logged at the level of the method', async () => {
    const { functions, invoke, lines } = await makeLibraryHost();
    const handler = (_: unknown, context: InvocationContext): void => {
      context.trace('trace');
      context.debug('debug');
      context.info('info');
      context.log('log', { a: 1 });
      context.warn('warn');
      context.error('error');
    };
    functions.app.generic('fn', { trigger: TRIGGER, handler });
    await invoke('fn');
    const said = lines.filter(({ category }) => category === 'Function.fn.User');
    expect(said.map(({ level, message }) => [level, message])).toEqual([
      ['trace', 'trace'],
      ['debug', 'debug'],
      ['information', 'info'],
      ['information', 'log { a: 1 }'],
      ['warning', 'warn'],
      ['error', 'error'],
    ]);
  });

  conforms(CATEGORIES, 'is told apart from what is said about it', async () => {
    const { functions, invoke, lines } = await makeLibraryHost();
    const handler = (_: unknown, context: InvocationContext): void => context.log('hello');
    functions.app.generic('fn', { trigger: TRIGGER, handler });
    await invoke('fn');
    expect(lines.map(({ category, message }) => [category, message.split(' (')[0]])).toEqual([
      ['Function.fn', "Executing 'Functions.fn'"],
      ['Function.fn.User', 'hello'],
      ['Function.fn', "Executed 'Functions.fn'"],
    ]);
  });

  conforms(CATEGORIES, 'carries the function and the invocation', async () => {
    const { functions, invoke, lines } = await makeLibraryHost();
    let id: string | undefined;
    const handler = (_: unknown, context: InvocationContext): void => {
      id = context.invocationId;
      context.log('hello');
    };
    functions.app.generic('fn', { trigger: TRIGGER, handler });
    await invoke('fn');
    expect(lines.map((line) => [line.functionName, line.invocationId])).toEqual(
      Array.from({ length: 3 }, () => ['fn', id]),
    );
  });
});

describe('logging.logLevel of host.json', () => {
  conforms(LEVELS, 'is Information where nothing is said', () => {
    expect(thresholdFor('Function.fn.User', {})).toBe('information');
  });

  conforms(LEVELS, 'has a default for every category', () => {
    expect(thresholdFor('Host.Startup', { default: 'error' })).toBe('error');
  });

  conforms(LEVELS, 'can name one function, and what it says of itself', () => {
    const levels = {
      default: 'warning',
      Function: 'error',
      'Function.fn': 'information',
      'Function.fn.User': 'trace',
    } as const;
    const speaks = (category: string) => thresholdFor(category, levels);
    expect(speaks('Function.fn.User')).toBe('trace');
    expect(speaks('Function.fn')).toBe('information');
    expect(speaks('Function.other.User')).toBe('error');
    expect(speaks('Host.Aggregator')).toBe('warning');
  });

  conforms(RULES, 'goes by the beginning of the category, in any case of letters', () => {
    expect(thresholdFor('Host.Triggers.Timer', { 'host.trig': 'debug' })).toBe('debug');
  });

  conforms(RULES, 'may have an asterisk in it', () => {
    const levels = { 'Function.*.User': 'debug', default: 'warning' } as const;
    expect(thresholdFor('Function.fn.User', levels)).toBe('debug');
    expect(thresholdFor('Function.fn', levels)).toBe('warning');
  });

  conforms(LEVELS, 'lets nothing through at None', () => {
    const lines: HostLogLine[] = [];
    const log = makeLog({ default: 'none', 'Host.Startup': 'debug' }, (line) => lines.push(line));
    log('critical', 'Function.fn', 'unheard');
    log('debug', 'Host.Startup', 'heard');
    expect(lines.map(({ message }) => message)).toEqual(['heard']);
  });
});
