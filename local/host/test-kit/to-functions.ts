import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { DurableFunction } from '../durable/extension.ts';
import { fromStoredText } from '../durable/json.ts';
import { registeredFunctions } from './functions-core.ts';
import { standInHint } from './stand-in-hint.ts';

/** Parameters differ from activity to activity: `never` lets each declare its own. */
export type FakeActivity = (input: never, context: InvocationContext) => unknown;

/** What a test's app consists of. */
export interface KitFunctions {
  /**
   * Orchestrators by name; registered through `df.app.orchestration`. Without it: everything durable
   * that has been registered so far, as by importing an app.
   */
  readonly orchestrators?: Readonly<Record<string, df.OrchestrationHandler>>;
  /**
   * Fake or real activities by name, in place of an app's own; what they throw, the orchestrator sees
   * as it would in Azure.
   */
  readonly activities?: Readonly<Record<string, FakeActivity>>;
  /** Entities by name; `never` lets each have a state of its own type. */
  readonly entities?: Readonly<Record<string, df.EntityHandler<never>>>;
}

type BindingType = DurableFunction['bindingType'];
type OnCall = (call: { name: string; input: unknown }) => void;

const bindingTypes: readonly BindingType[] = [
  'orchestrationTrigger',
  'activityTrigger',
  'entityTrigger',
];

/**
 * Registers what a test's app consists of through `durable-functions` and gives it as a host hands it
 * to the engine. What has been registered before is left as it was: a test's own functions are not
 * there for the next kit.
 */
export function toFunctions(
  functions: KitFunctions,
  onCall: OnCall = () => undefined,
): DurableFunction[] {
  const before = [...registeredFunctions];
  try {
    return register(functions, onCall);
  } finally {
    registeredFunctions.clear();
    for (const [name, one] of before) registeredFunctions.set(name, one);
  }
}

function register(
  { orchestrators, activities = {}, entities = {} }: KitFunctions,
  onCall: OnCall,
): DurableFunction[] {
  const found = new Map<string, BindingType>(orchestrators === undefined ? ofTheApp() : []);
  for (const [name, handler] of Object.entries(orchestrators ?? {})) {
    df.app.orchestration(name, handler);
    found.set(name, 'orchestrationTrigger');
  }
  for (const [name, activity] of Object.entries(activities)) {
    if ((found.get(name) ?? 'activityTrigger') !== 'activityTrigger') {
      throw new Error(`Two functions are named '${name}'.`);
    }
    // Whether the input is what the fake declares is for the test to know.
    df.app.activity(name, { handler: (input, context) => activity(input as never, context) });
    found.set(name, 'activityTrigger');
  }
  for (const [name, handler] of Object.entries(entities)) {
    df.app.entity(name, handler);
    found.set(name, 'entityTrigger');
  }
  return [...found].map(([name, bindingType]) => toFunction(name, bindingType, onCall));
}

/** The durable functions registered so far. */
function ofTheApp(): [string, BindingType][] {
  return [...registeredFunctions].flatMap(([name, { bindings }]) => {
    const types = Object.values(bindings).map(({ type }) => type);
    const trigger = bindingTypes.find((one) => types.includes(one));
    return trigger === undefined ? [] : [[name, trigger]];
  });
}

/** Calls a registered function as the worker does: what goes in and what comes out is JSON. */
function toFunction(name: string, bindingType: BindingType, onCall: OnCall): DurableFunction {
  const registered = registeredFunctions.get(name);
  if (registered === undefined) {
    throw new Error(`Function '${name}' was not registered. ${standInHint}`);
  }
  return {
    name,
    bindingType,
    invoke: async (triggerInput, trace) => {
      const context = new InvocationContext({
        functionName: name,
        invocationId: 'kit',
        logHandler: () => undefined,
        ...(trace !== undefined && { traceContext: trace }),
      });
      const input = fromStoredText(String(triggerInput));
      if (bindingType === 'activityTrigger') onCall({ name, input });
      const result = await registered.callback(input, context);
      const text: unknown = JSON.stringify(result);
      return typeof text === 'string' ? (JSON.parse(text) as unknown) : undefined;
    },
  };
}
