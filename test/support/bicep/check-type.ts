import { isList, isRecord, type Value, type ValueRecord } from './late.ts';
import type { Decorator, TypeExpression } from './syntax.ts';

/** The types that a file declares, by name. */
export type DeclaredTypes = ReadonlyMap<string, TypeExpression>;

/** What is wrong with a value where a type is asked for; empty when nothing is. */
export function typeProblems(
  value: Value,
  type: TypeExpression,
  types: DeclaredTypes,
  where: string,
): readonly string[] {
  switch (type.kind) {
    case 'literal':
      return value === type.value ? [] : [`${where} is not ${JSON.stringify(type.value)}`];
    case 'nullable':
      return value === null ? [] : typeProblems(value, type.of, types, where);
    case 'union':
      return type.of.some((one) => typeProblems(value, one, types, where).length === 0)
        ? []
        : [`${where} is ${JSON.stringify(value)}, which is none of what it may be`];
    case 'list':
      return isList(value)
        ? value.flatMap((item, at) => typeProblems(item, type.of, types, `${where}[${String(at)}]`))
        : [`${where} is no array`];
    case 'object':
      return isRecord(value) ? entryProblems(value, type, types, where) : [`${where} is no object`];
    case 'named': {
      const declared = types.get(type.name);
      if (declared !== undefined) return typeProblems(value, declared, types, where);
      const isRight = PRIMITIVES[type.name];
      if (isRight === undefined) return [`${where}: there is no type ${type.name}`];
      return isRight(value) ? [] : [`${where} is no ${type.name}`];
    }
  }
}

/** What the decorators of a parameter forbid about its value. */
export function decoratorProblems(
  value: Value,
  decorators: readonly Decorator[],
  where: string,
): readonly string[] {
  return decorators.flatMap(({ name, args }) => {
    const [arg] = args;
    const limit = arg?.kind === 'literal' && typeof arg.value === 'number' ? arg.value : undefined;
    const size = typeof value === 'string' || isList(value) ? value.length : Number(value);
    const isBroken =
      (name === 'allowed' && arg?.kind === 'array' && !isAmong(value, arg)) ||
      (limit !== undefined && MINIMA.has(name) && size < limit) ||
      (limit !== undefined && MAXIMA.has(name) && size > limit);
    return isBroken ? [`${where} is ${JSON.stringify(value)}, against @${name}`] : [];
  });
}

const MINIMA = new Set(['minLength', 'minValue']);
const MAXIMA = new Set(['maxLength', 'maxValue']);
const PRIMITIVES: Readonly<Record<string, (value: Value) => boolean>> = {
  string: (value) => typeof value === 'string',
  int: (value) => Number.isInteger(value),
  bool: (value) => typeof value === 'boolean',
  array: isList,
  object: isRecord,
};

function isAmong(
  value: Value,
  { items }: { readonly items: readonly { readonly value: { readonly kind: string } }[] },
): boolean {
  return items.some(
    ({ value: item }) => item.kind === 'literal' && 'value' in item && item.value === value,
  );
}

function entryProblems(
  value: ValueRecord,
  type: Extract<TypeExpression, { kind: 'object' }>,
  types: DeclaredTypes,
  where: string,
): readonly string[] {
  const others = type.entries.find(({ key }) => key === undefined)?.type;
  const named = type.entries.flatMap(({ key, type: wanted, decorators }) => {
    if (key === undefined) return [];
    const given = value[key] ?? null;
    const problems = typeProblems(given, wanted, types, `${where}.${key}`);
    return given === null
      ? problems
      : [...problems, ...decoratorProblems(given, decorators, `${where}.${key}`)];
  });
  const unknown = Object.entries(value).flatMap(([key, part]) => {
    if (type.entries.some((entry) => entry.key === key)) return [];
    return others === undefined
      ? [`${where} has no ${key}`]
      : typeProblems(part, others, types, `${where}.${key}`);
  });
  return [...named, ...unknown];
}
