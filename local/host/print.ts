import type { HostLogLine, LogLevel } from './log.ts';
import type { HostFunctionSummary } from './start-host.ts';

/** Colours a text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: 'dim' | 'red' | 'yellow' | 'green' | 'cyan', text: string) => string;

export const plain: Paint = (_, text) => text;

const WIDTH = 80;
/** Triggers that are listed first, in this order; others follow as they come. */
const firstKinds = ['httpTrigger', 'timerTrigger', 'eventGridTrigger'];

/**
 * The functions and how each is called, in the manner of Core Tools: HTTP first, and each kind of
 * trigger in a paragraph of its own.
 */
export function formatFunctions(
  functions: readonly HostFunctionSummary[],
  url: string,
  paint: Paint = plain,
): string {
  const others = functions.map(({ kind }) => kind).filter((kind) => !firstKinds.includes(kind));
  const paragraphs = [...firstKinds, ...new Set(others)]
    .map((kind) => functions.filter((fn) => fn.kind === kind))
    .filter((group) => group.length > 0)
    .map((group) => group.map((fn) => formatFunction(fn, url, paint)).join('\n'));
  return ['Functions:', ...paragraphs, ''].join('\n\n').trimEnd() + '\n';
}

function formatFunction(fn: HostFunctionSummary, url: string, paint: Paint): string {
  const { name, kind, route, methods = [] } = fn;
  const verbs = methods.length === 0 ? 'any' : methods.join(',');
  const how = route === undefined ? kind : `[${verbs}] ${url}${route}`;
  const off = fn.disabled === true ? ' (disabled)' : '';
  // An address is easier to copy from one line.
  const tooLong = `  ${name}: ${how}${off}`.length > WIDTH;
  const shown = route === undefined ? how : `[${verbs}] ${paint('green', `${url}${route}`)}`;
  return `  ${paint('yellow', name)}:${tooLong ? '\n    ' : ' '}${shown}${off === '' ? '' : paint('dim', off)}`;
}

/** One line of the log; what the app itself says carries the function's name and the invocation. */
export function formatLine(line: HostLogLine, paint: Paint = plain): string {
  const { at, level, category, message, functionName, invocationId } = line;
  const isSaid = functionName !== undefined && category.endsWith('.User');
  const source = isSaid ? `${functionName} ${invocationId?.slice(0, 8) ?? ''}: ` : '';
  const weight = level === 'information' ? '' : `${level.toUpperCase()} `;
  const time = paint('dim', `[${at.toISOString()}]`);
  return isSaid
    ? `${time} ${paintBy(level, weight, paint)}${paint('cyan', source)}${message}`
    : `${time} ${paintBy(level, `${weight}${message}`, paint)}`;
}

function paintBy(level: LogLevel, text: string, paint: Paint): string {
  if (text === '') return text;
  if (level === 'error' || level === 'critical') return paint('red', text);
  if (level === 'warning') return paint('yellow', text);
  return level === 'information' ? text : paint('dim', text);
}
