import type pc from 'picocolors';
import type { ApiProblem } from '../api.ts';
import type { ShownProblem } from '../cli-error.ts';
import { inOwnWords } from './own-words.ts';
import { wrap } from './wrap.ts';

type Colors = ReturnType<typeof pc.createColors>;

/** A problem for a person: what is wrong, what to do, and how to name it to others. */
export function formatProblem(problem: ShownProblem, colors: Colors, width = 80): string {
  const { message, code, cure, resource, correlationId, errors = [] } = problem;
  const names = [
    code,
    resource === undefined || message.includes(resource) ? undefined : resource,
    correlationId === undefined ? undefined : `correlation id ${correlationId}`,
  ].filter((one) => one !== undefined);
  return [
    colors.red(wrap(clean(message), '', width)),
    // One field is in the message already.
    ...(errors.length > 1 ? errors : []).map((one) =>
      wrap(clean(`${one.field} ${one.message}`), '  - ', width),
    ),
    ...(cure === undefined ? [] : [formatCure(cure, '  ', width)]),
    ...(names.length === 0 ? [] : [colors.dim(wrap(clean(names.join(', ')), '  ', width))]),
  ].join('\n');
}

/** A problem in a list of them. */
export function problemLines({ code, message, cure }: ApiProblem, width: number): string {
  return [
    wrap(`${clean(message)} (${clean(code)})`, '  ', width),
    ...(cure === undefined ? [] : [formatCure(cure, '    ', width)]),
  ].join('\n');
}

/** What to do; a command stays on one line, however long, so that it can be copied. */
export function formatCure(cure: string, indent: string, width: number): string {
  const text = inOwnWords(clean(cure));
  const whole = `${indent}What to do: ${text}`;
  const [, before = '', command] = ENDS_WITH_COMMAND.exec(text) ?? [];
  if (command === undefined || (before !== '' && whole.length <= width)) {
    return wrap(`What to do: ${text}`, indent, width);
  }
  return `${wrap(`What to do: ${before}`, indent, width)}\n${indent}  ${command.replace(/\.$/, '')}`;
}

/** Nothing but a command, or words, a colon and a command. */
const ENDS_WITH_COMMAND = /^(|[^]*?: )((?:az|npx certkeeper) (?:(?!\. |; | \().)+)$/;

/** What came over the wire, without anything that would steer a terminal. */
export function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
