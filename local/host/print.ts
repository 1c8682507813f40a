import type { HostLogLine } from './log.ts';
import type { HostFunctionSummary } from './start-host.ts';

/** The functions and how each is called, in the manner of Core Tools. */
export function formatFunctions(functions: readonly HostFunctionSummary[], url: string): string {
  const lines = functions.map(({ name, kind, route, methods = [], disabled }) => {
    const verbs = methods.length === 0 ? 'any' : methods.join(',');
    const how = route === undefined ? kind : `[${verbs}] ${url}${route}`;
    return `  ${name}: ${how}${disabled === true ? ' (disabled)' : ''}`;
  });
  return ['Functions:', '', ...lines, ''].join('\n');
}

/** One line of the log; what the app itself says carries the function's name and the invocation. */
export function formatLine({
  at,
  level,
  category,
  message,
  functionName,
  invocationId,
}: HostLogLine): string {
  const time = at.toISOString().slice(11, 23);
  const weight = level === 'information' ? '' : `${level.toUpperCase()} `;
  const source =
    functionName !== undefined && category.endsWith('.User')
      ? `${functionName} ${invocationId?.slice(0, 8) ?? ''}: `
      : '';
  return `[${time}] ${weight}${source}${message}`;
}
