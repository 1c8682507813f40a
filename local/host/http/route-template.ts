/**
 * Route templates as ASP.NET Core writes them, which is what an HTTP trigger's `route` is:
 * `certificates/{vault}/{name?}`, `{id:int}`, `{*rest}`, `v{version}`
 * (https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates).
 */
import { makeConstraint, type Constraint } from './route-constraint.ts';

export interface RouteTemplate {
  /** As it was written. */
  readonly text: string;
  readonly segments: readonly RouteSegment[];
}

interface RouteParameter {
  readonly name: string;
  readonly constraints: readonly { readonly text: string; readonly holds: Constraint }[];
  readonly optional: boolean;
  readonly catchAll: boolean;
  readonly defaultValue: string | undefined;
}

type SegmentPart =
  | { readonly kind: 'literal'; readonly text: string }
  | ({ readonly kind: 'parameter' } & RouteParameter);

interface RouteSegment {
  readonly parts: readonly SegmentPart[];
  /** Matches one decoded segment; one group for each parameter. */
  readonly pattern: RegExp;
}

/** Thrown when a template cannot be read; the message says why. */
export class RouteTemplateError extends Error {}

/**
 * Reads a route template; leading and trailing slashes do not count.
 * Thrown when it is malformed or uses an unknown constraint: RouteTemplateError.
 */
export function parseRouteTemplate(text: string): RouteTemplate {
  const trimmed = text.replace(/^\/+|\/+$/g, '');
  const segments = trimmed === '' ? [] : splitSegments(trimmed).map(parseSegment);
  const names = segments.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'parameter' ? [part.name.toLowerCase()] : [])),
  );
  const doubled = names.find((name, at) => names.indexOf(name) !== at);
  if (doubled !== undefined)
    throw new RouteTemplateError(`the parameter "${doubled}" occurs twice`);

  let absentAllowed = false;
  for (const [at, segment] of segments.entries()) {
    const only = soleParameter(segment);
    if (only?.catchAll === true && at !== segments.length - 1) {
      throw new RouteTemplateError(`{*${only.name}} must come last`);
    }
    if (absentAllowed && only?.optional !== true && only?.catchAll !== true) {
      throw new RouteTemplateError('an optional parameter must come last');
    }
    absentAllowed ||= only?.optional === true;
  }
  return { text: trimmed, segments };
}

/**
 * Matches the segments of a request path (percent-encoded, without the empty ones at either end).
 * @returns the parameters, percent-decoded except `%2F` as in ASP.NET Core; undefined for no match
 */
export function matchRoute(
  template: RouteTemplate,
  path: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [at, segment] of template.segments.entries()) {
    const only = soleParameter(segment);
    if (only?.catchAll === true) {
      const rest = path.slice(at).map(decodeSegment).join('/');
      const value = rest === '' ? only.defaultValue : rest;
      if (value === undefined) return parameters;
      return accepts(only, value) ? { ...parameters, [only.name]: value } : undefined;
    }
    const text = path[at];
    if (text === undefined) {
      if (only?.defaultValue !== undefined) parameters[only.name] = only.defaultValue;
      else if (only?.optional !== true) return undefined;
      continue;
    }
    const found = segment.pattern.exec(decodeSegment(text));
    if (found === null) return undefined;
    let group = 0;
    for (const part of segment.parts) {
      if (part.kind === 'literal') continue;
      const value = found[(group += 1)] ?? '';
      if (!accepts(part, value)) return undefined;
      parameters[part.name] = value;
    }
  }
  return path.length > template.segments.length ? undefined : parameters;
}

/**
 * Orders templates from the most to the least specific, by the first segment that differs:
 * literal, mixed or constrained, parameter, constrained catch-all, catch-all
 * (RoutePrecedence in ASP.NET Core).
 */
export function comparePrecedence(a: RouteTemplate, b: RouteTemplate): number {
  const shared = Math.min(a.segments.length, b.segments.length);
  for (let at = 0; at < shared; at += 1) {
    const difference = rank(a.segments[at]) - rank(b.segments[at]);
    if (difference !== 0) return difference;
  }
  return a.segments.length - b.segments.length;
}

/** Equal for templates that match the same paths: names of parameters do not count. */
export function routeShape(template: RouteTemplate): string {
  return template.segments
    .map(({ parts }) =>
      parts
        .map((part) =>
          part.kind === 'literal'
            ? part.text.toLowerCase()
            : `{${part.catchAll ? '*' : ''}${part.constraints.map((c) => `:${c.text}`).join('')}}`,
        )
        .join(''),
    )
    .join('/');
}

/** Splits at slashes outside braces: a regular expression in a constraint may hold one. */
function splitSegments(text: string): string[] {
  const segments: string[] = [];
  let segment = '';
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === '/' && depth === 0) {
      segments.push(segment);
      segment = '';
    } else segment += character;
  }
  segments.push(segment);
  if (depth !== 0) throw new RouteTemplateError('braces do not match');
  if (segments.includes('')) throw new RouteTemplateError('there is an empty segment (//)');
  return segments;
}

function parseSegment(text: string): RouteSegment {
  const parts: SegmentPart[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if ((character === '{' || character === '}') && text[at + 1] === character) {
      literal += character;
      at += 2;
    } else if (character === '{') {
      const end = closingBrace(text, at);
      if (literal !== '') parts.push({ kind: 'literal', text: literal });
      else if (parts.length > 0) throw new RouteTemplateError('two parameters touch each other');
      literal = '';
      parts.push({ kind: 'parameter', ...parseParameter(text.slice(at + 1, end)) });
      at = end + 1;
    } else if (character === '}') {
      throw new RouteTemplateError('braces do not match');
    } else {
      literal += character;
      at += 1;
    }
  }
  if (literal !== '') parts.push({ kind: 'literal', text: literal });
  const loose = parts.find((p) => p.kind === 'parameter' && (p.optional || p.catchAll));
  if (loose !== undefined && parts.length > 1) {
    throw new RouteTemplateError('an optional or catch-all parameter must be a segment of its own');
  }
  const source = parts.map((p) => (p.kind === 'literal' ? escapePattern(p.text) : '(.+)')).join('');
  return { parts, pattern: new RegExp(`^${source}$`, 'is') };
}

/** `{{` and `}}` inside a parameter belong to a regular expression's quantifier. */
function closingBrace(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    const doubled = text[at] === text[at + 1];
    if (text[at] === '{' && doubled) at += 1;
    else if (text[at] === '}' && doubled && text.slice(open, at).includes('{{')) at += 1;
    else if (text[at] === '}') return at;
  }
  throw new RouteTemplateError('braces do not match');
}

function parseParameter(inside: string): RouteParameter {
  const unescaped = inside.replaceAll('{{', '{').replaceAll('}}', '}');
  const match = /^(?<stars>\*{0,2})(?<name>[A-Za-z_][\w-]*)(?<rest>.*)$/s.exec(unescaped);
  const { stars = '', name, rest = '' } = match?.groups ?? {};
  if (name === undefined) throw new RouteTemplateError(`{${inside}} does not name a parameter`);
  const optional = rest.endsWith('?');
  const body = optional ? rest.slice(0, -1) : rest;
  const constraints: { text: string; holds: Constraint }[] = [];
  let defaultValue: string | undefined;
  let left = body;
  while (left !== '') {
    if (left.startsWith('=')) {
      defaultValue = left.slice(1);
      break;
    }
    const constraint = /^:(?<text>[A-Za-z]+(?:\(.*?\)(?=[:=]|$))?)/s.exec(left)?.groups?.['text'];
    const holds = constraint === undefined ? undefined : makeConstraint(constraint);
    if (constraint === undefined || holds === undefined) {
      throw new RouteTemplateError(`{${inside}} has a constraint that is not known here`);
    }
    constraints.push({ text: constraint, holds });
    left = left.slice(constraint.length + 1);
  }
  if (optional && defaultValue !== undefined) {
    throw new RouteTemplateError(`{${inside}} cannot be optional and have a default value`);
  }
  return {
    name,
    constraints,
    optional: optional || defaultValue !== undefined,
    catchAll: stars !== '',
    defaultValue,
  };
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function soleParameter(segment: RouteSegment): RouteParameter | undefined {
  const [part] = segment.parts;
  return segment.parts.length === 1 && part?.kind === 'parameter' ? part : undefined;
}

function accepts(parameter: RouteParameter, value: string): boolean {
  return parameter.constraints.every(({ holds }) => holds(value));
}

function rank(segment: RouteSegment | undefined): number {
  if (segment === undefined) return 0;
  const only = soleParameter(segment);
  if (only === undefined) return segment.parts.length === 1 ? 1 : 2;
  if (only.catchAll) return only.constraints.length > 0 ? 4 : 5;
  return only.constraints.length > 0 ? 2 : 3;
}

function decodeSegment(segment: string): string {
  // Byte by byte where decoding the whole fails, so that a stray % stays what it is.
  return segment.replace(/(?:%(?!2F)[0-9A-F]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
