import type { Token } from './read-expression.ts';
import {
  nameBy,
  NAMED_VALUE,
  OF_CERTIFICATES,
  thumbprintsBeside,
  thumbprintsIn,
  type Named,
} from './named-in-text.ts';

/** The methods of a dictionary that take one key first. */
const LOOKUPS = new Set(['ContainsKey', 'GetValueOrDefault', 'TryGetValue']);

/**
 * The certificates that C# names: those of `context.Deployment.Certificates`, and its literals that
 * are thumbprints, as `context.Request.Certificate.Thumbprint == "…"` has one.
 *
 * `context.Deployment.Certificates` is an `IReadOnlyDictionary<string, X509Certificate2>` ("API
 * Management policy expressions", context variable). What its keys are is not said there; published
 * policies look certificates up by id and by thumbprint, so a key counts as whatever it may be.
 */
export function namedInCode(tokens: readonly Token[]): readonly Named[] {
  const ofCertificates = tokens.some(({ text }) => OF_CERTIFICATES.test(text));
  return tokens.flatMap((token, index): readonly Named[] => {
    if (isStore(token)) return [lookedUp(tokens, index)];
    if (token.kind === 'sign') {
      const name = ofCertificates ? namedValueAt(tokens, index) : undefined;
      return name === undefined ? [] : [{ naming: nameBy('thumbprint', name), at: token.at }];
    }
    if (token.kind === 'word') return [];
    const thumbprints =
      ofCertificates && NAMED_VALUE.test(token.text)
        ? thumbprintsBeside(token.text)
        : thumbprintsIn(token.text);
    return thumbprints.map((one) => ({ ...one, at: token.at + one.at }));
  });
}

/** The text of `@("text")` and `@{ return "text"; }`; undefined for what has to be worked out. */
export function constantOf(tokens: readonly Token[]): string | undefined {
  const returned = tokens[0]?.kind === 'word' && tokens[0].text === 'return';
  const [literal, end, ...more] = returned ? tokens.slice(1) : tokens;
  if (literal?.kind !== 'string' || more.length > 0) return undefined;
  const ended = returned ? end?.text === ';' : end === undefined;
  return ended ? literal.text : undefined;
}

/** A name with an escape in it may be any name. */
function isStore({ kind, text }: Token): boolean {
  return kind === 'word' && (text === 'Certificates' || text.includes('\\u'));
}

function lookedUp(tokens: readonly Token[], index: number): Named {
  const key = keyBehind(tokens, index);
  const at = tokens[index]?.at ?? 0;
  return { naming: key === undefined ? { kind: 'expression' } : nameBy('id', key), at };
}

/** `["key"]`, `?["key"]` or `.TryGetValue("key"`: the key, if that and nothing more is there. */
function keyBehind(tokens: readonly Token[], index: number): string | undefined {
  let next = index + 1;
  const sign = (): string | undefined => {
    const token = tokens[next];
    return token?.kind === 'sign' ? token.text : undefined;
  };
  while (sign() === '?' || sign() === '!') next += 1;
  let closedBy = [']'];
  if (sign() === '.') {
    const method = tokens[next + 1];
    if (method?.kind !== 'word' || !LOOKUPS.has(method.text)) return undefined;
    next += 2;
    if (sign() !== '(') return undefined;
    closedBy = [')', ','];
  } else if (sign() !== '[') {
    return undefined;
  }
  const key = tokens[next + 1];
  next += 2;
  const end = sign();
  if (key?.kind !== 'string' || end === undefined) return undefined;
  return closedBy.includes(end) ? key.text : undefined;
}

/** `{{name}}` that stands where C# is, with the signs that a name may have. */
function namedValueAt(tokens: readonly Token[], index: number): string | undefined {
  const start = tokens[index];
  const second = tokens[index + 1];
  if (start?.text !== '{' || second?.text !== '{' || second.at !== start.at + 1) return undefined;
  const name: string[] = [];
  for (let next = index + 2; next < tokens.length; next += 1) {
    const token = tokens[next];
    if (token === undefined || token.kind === 'string') return undefined;
    if (token.text === '}') {
      return tokens[next + 1]?.text === '}' ? `{{${name.join('')}}}` : undefined;
    }
    if (token.kind === 'sign' && token.text !== '-' && token.text !== '.') return undefined;
    name.push(token.text);
  }
  return undefined;
}
