/** Whether a parameter's value satisfies a constraint. */
export type Constraint = (value: string) => boolean;

const fixed: Readonly<Record<string, Constraint>> = {
  int: (value) => isWhole(value, -(2n ** 31n), 2n ** 31n - 1n),
  long: (value) => isWhole(value, -(2n ** 63n), 2n ** 63n - 1n),
  bool: (value) => /^(true|false)$/i.test(value),
  guid: (value) =>
    /^\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$/i.test(value),
  decimal: isNumber,
  double: isNumber,
  float: isNumber,
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  alpha: (value) => /^[a-z]*$/i.test(value),
  required: (value) => value !== '',
  file: (value) => /\.[^./]+$/.test(value),
  nonfile: (value) => !/\.[^./]+$/.test(value),
};

/**
 * Makes a route constraint of ASP.NET Core from its text: `int`, `guid`, `length(2,5)`,
 * `regex(^a+$)`…; undefined when it is not known or its arguments are not of its form
 * (https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints).
 */
export function makeConstraint(text: string): Constraint | undefined {
  const match = /^([A-Za-z]+)(?:\((.*)\))?$/s.exec(text);
  const name = match?.[1]?.toLowerCase() ?? '';
  const inside = match?.[2];
  if (inside === undefined) return fixed[name];
  if (name === 'regex') {
    try {
      const pattern = new RegExp(inside, 'i');
      return (value) => pattern.test(value);
    } catch {
      return undefined;
    }
  }
  const [first, second, ...more] = inside.split(',').map((part) => toWhole(part.trim()));
  if (first === undefined || more.length > 0) return undefined;
  const two = inside.includes(',');
  if (two !== (second !== undefined)) return undefined;
  if (second !== undefined) {
    if (name === 'length') {
      return (value) => value.length >= first && value.length <= second;
    }
    if (name === 'range') return (value) => isWhole(value, first, second);
    return undefined;
  }
  if (name === 'length') return (value) => BigInt(value.length) === first;
  if (name === 'minlength') return (value) => value.length >= first;
  if (name === 'maxlength') return (value) => value.length <= first;
  if (name === 'min') return (value) => isWhole(value, first, 2n ** 63n - 1n);
  if (name === 'max') return (value) => isWhole(value, -(2n ** 63n), first);
  return undefined;
}

function toWhole(text: string): bigint | undefined {
  return /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
}

function isWhole(value: string, lowest: bigint, highest: bigint): boolean {
  const number = toWhole(value);
  return number !== undefined && number >= lowest && number <= highest;
}

function isNumber(value: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
}
