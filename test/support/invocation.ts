import { InvocationContext } from '@azure/functions';

/** An invocation whose log lines are kept instead of printed. */
export function makeInvocation(): { context: InvocationContext; lines: string[] } {
  const lines: string[] = [];
  const context = new InvocationContext({
    functionName: 'UnderTest',
    invocationId: 'invocation-1',
    logHandler: (level, ...args) => {
      lines.push([level, ...args.map(String)].join(' '));
    },
  });
  return { context, lines };
}
