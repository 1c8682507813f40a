import { items, PURE_FUNCTIONS, text } from './functions.ts';
import { Handle, isLate, isList, isRecord, Late, settle, type Value } from './late.ts';
import type { Expression, ObjectExpression } from './syntax.ts';

/** What the names and functions around an expression mean. */
export interface Surroundings {
  /** undefined when nothing has that name. */
  readonly lookUp: (name: string) => Value | undefined;
  /** `storage::blobs`. */
  readonly lookUpNested: (of: Expression, name: string) => Value;
  /** The functions that depend on where the deployment runs; undefined when there is none. */
  readonly call: (name: string, args: readonly Value[]) => Value | undefined;
}

/**
 * What an expression comes to.
 * Thrown when it names what is not there, or takes a value for what it is not: Error.
 */
export function evaluate(expression: Expression, around: Surroundings): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'interpolation': {
      const parts = expression.parts.map((part) =>
        typeof part === 'string' ? part : evaluate(part, around),
      );
      return keepLate(parts, () => parts.map((part) => text(settle(part))).join(''));
    }
    case 'array':
      return expression.items.flatMap(({ value, isSpread }): readonly Value[] => {
        const item = evaluate(value, around);
        return isSpread ? items(settle(item)) : [item];
      });
    case 'object':
      return evaluateObject(expression, around);
    case 'name': {
      const value = around.lookUp(expression.name);
      if (value === undefined) throw new Error(`nothing is called ${expression.name}`);
      return value;
    }
    case 'property':
      return member(evaluate(expression.of, around), expression.name, expression.isSafe);
    case 'index': {
      const of = evaluate(expression.of, around);
      const index = evaluate(expression.index, around);
      const found = member(of, settle(index), expression.isSafe);
      return index instanceof Late && !(found instanceof Late) ? new Late(found) : found;
    }
    case 'nested':
      return around.lookUpNested(expression.of, expression.name);
    case 'call':
      return call(expression.name, expression.args, around);
    case 'lambda':
      return (...args) =>
        evaluate(expression.body, {
          ...around,
          lookUp: (name) => {
            const at = expression.params.indexOf(name);
            return at < 0 ? around.lookUp(name) : (args[at] ?? null);
          },
        });
    case 'unary': {
      const value = evaluate(expression.value, around);
      return keepLate([value], () =>
        expression.operator === '!' ? settle(value) !== true : -Number(settle(value)),
      );
    }
    case 'binary':
      return binary(expression.operator, expression.left, expression.right, around);
    case 'conditional': {
      const condition = evaluate(expression.condition, around);
      const { then, otherwise } = expression;
      const value = evaluate(settle(condition) === true ? then : otherwise, around);
      return keepLate([condition], () => value);
    }
    case 'for':
      return iterate(expression, around).map((inner) => evaluate(expression.body, inner));
    case 'if':
      throw new Error('only a resource or a module may be left out by if');
  }
}

/** The surroundings of each turn of a loop. */
export function iterate(
  { item, index, over }: Extract<Expression, { kind: 'for' }>,
  around: Surroundings,
): readonly Surroundings[] {
  const list = evaluate(over, around);
  if (list instanceof Late) {
    throw new Error('what a loop goes over must be known at the start');
  }
  return items(list).map((value, at) => ({
    ...around,
    lookUp: (name) => (name === item ? value : name === index ? at : around.lookUp(name)),
  }));
}

function evaluateObject({ entries }: ObjectExpression, around: Surroundings): Value {
  const made: Record<string, Value> = {};
  for (const entry of entries) {
    if ('spread' in entry) {
      const more = settle(evaluate(entry.spread, around));
      if (!isRecord(more)) throw new Error('only an object can be spread into an object');
      Object.assign(made, more);
    } else {
      const key = text(settle(evaluate(entry.key, around)));
      if (Object.hasOwn(made, key)) throw new Error(`an object has the key ${key} twice`);
      made[key] = evaluate(entry.value, around);
    }
  }
  return made;
}

function member(of: Value, name: Value, isSafe: boolean): Value {
  if (of instanceof Handle) return of.member(text(name));
  if (of instanceof Late) {
    if (of.path !== undefined) return Late.unknown(`${of.path}.${text(name)}`);
    const inner = member(of.value, name, isSafe);
    return inner instanceof Late ? inner : new Late(inner);
  }
  if (isList(of) && typeof name === 'number') {
    const found = of.at(name);
    if (found !== undefined) return found;
    if (isSafe) return null;
    throw new Error(`an array has no item ${String(name)}`);
  }
  if (isRecord(of)) {
    const key = text(name);
    if (Object.hasOwn(of, key)) return of[key] ?? null;
    if (isSafe) return null;
    throw new Error(`an object has no ${key}, but ${Object.keys(of).join(', ')}`);
  }
  if (of === null && isSafe) return null;
  throw new Error(`${JSON.stringify(of)} has no ${text(name)}`);
}

function call(name: string, args: readonly Expression[], around: Surroundings): Value {
  const values = args.map((arg) => evaluate(arg, around));
  const answer = around.call(name, values);
  if (answer !== undefined) return answer;
  const pure = Object.hasOwn(PURE_FUNCTIONS, name) ? PURE_FUNCTIONS[name] : undefined;
  if (pure === undefined) throw new Error(`there is no function ${name} here`);
  return keepLate(values, () => pure(...values.map(settle)));
}

function binary(operator: string, a: Expression, b: Expression, around: Surroundings): Value {
  const left = evaluate(a, around);
  const known = settle(left);
  if (operator === '??') return known ?? evaluate(b, around);
  if (operator === '&&' && known !== true) return left;
  if (operator === '||' && known === true) return left;
  const right = evaluate(b, around);
  return keepLate([left, right], () => compute(operator, known, settle(right)));
}

function compute(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '&&':
    case '||':
      return right;
    case '==':
      return JSON.stringify(left) === JSON.stringify(right);
    case '!=':
      return JSON.stringify(left) !== JSON.stringify(right);
    case '=~':
      return text(left).toLowerCase() === text(right).toLowerCase();
    case '!~':
      return text(left).toLowerCase() !== text(right).toLowerCase();
    case '<':
      return Number(left) < Number(right);
    case '>':
      return Number(left) > Number(right);
    case '<=':
      return Number(left) <= Number(right);
    case '>=':
      return Number(left) >= Number(right);
    case '+':
      return Number(left) + Number(right);
    case '-':
      return Number(left) - Number(right);
    case '*':
      return Number(left) * Number(right);
    case '/':
      return Math.trunc(Number(left) / Number(right));
    default:
      return Number(left) % Number(right);
  }
}

/** What comes of late values is late itself. */
function keepLate(from: readonly Value[], make: () => Value): Value {
  const made = make();
  return from.some(isLate) && !(made instanceof Late) ? new Late(made) : made;
}
