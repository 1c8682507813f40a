import type pc from 'picocolors';
import type { ApiProblem } from '../api.ts';
import type { ShownProblem } from '../cli-error.ts';
import { inOwnWords } from './own-words.ts';
import { splitCure } from './split-cure.ts';
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
    colors.red(wrap(inOwnWords(clean(message)), '', width)),
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

/**
 * What to do. No command is broken, however long, so that it can be copied: it has a line of its own
 * unless all of it fits into one, or the command is in brackets.
 */
export function formatCure(cure: string, indent: string, width: number): string {
  const text = inOwnWords(clean(cure)).replace(/\s+/g, ' ').trim();
  const parts = splitCure(text);
  const whole = `${indent}What to do: ${text}`;
  if (parts[0]?.kind === 'words' && whole.length <= width) return whole;
  const lines: string[] = [];
  let words = 'What to do: ';
  const say = (): void => {
    // What ended the command before is not how a line begins.
    const said = words.replace(/^[.;,]\s*/, '').trim();
    if (said !== '') lines.push(wrap(said, indent, width).replaceAll(GLUE, ' '));
    words = '';
  };
  for (const part of parts) {
    if (part.kind === 'command') {
      say();
      lines.push(`${indent}  ${part.text}`);
    } else {
      words += part.kind === 'words' ? part.text : part.text.replaceAll(' ', GLUE);
    }
  }
  say();
  return lines.join('\n');
}

/** Stands for a blank where no line may end; nothing that is shown holds it. */
const GLUE = '\u0000';

/** What came over the wire, without anything that would steer a terminal. */
export function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
