import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decoratorProblems, typeProblems, type DeclaredTypes } from './check-type.ts';
import { typesOf } from './declared-types.ts';
import { evaluate, iterate, type Surroundings } from './evaluate.ts';
import { ModuleHandle, ResourceHandle, type ScopeHandle } from './handles.ts';
import { isLate, isRecord, settle, type Value, type ValueRecord } from './late.ts';
import { parseBicep } from './parse.ts';
import { moduleScope, placeResource } from './place-resource.ts';
import { scopeFunction } from './scope-functions.ts';
import {
  BicepError,
  type Expression,
  type ModuleStatement,
  type ResourceStatement,
  type Statement,
} from './syntax.ts';

/** A resource as Azure would be asked for it; what only Azure knows reads `<symbol.path>`. */
export interface DeployedResource {
  readonly file: string;
  readonly symbol: string;
  readonly type: string;
  readonly apiVersion: string;
  readonly id: string;
  readonly name: string;
  /** What the file says of it, without name, parent and scope. */
  readonly body: ValueRecord;
}

/** What a template does. */
export interface Deployment {
  /** Those of its modules, too. */
  readonly resources: readonly DeployedResource[];
  readonly existing: readonly DeployedResource[];
  /** `{scope}/{deployment name}` of every module. */
  readonly modules: readonly string[];
  readonly outputs: Readonly<Record<string, Value>>;
}

export interface DeployOptions {
  readonly params: Readonly<Record<string, Value>>;
  readonly scope: ScopeHandle;
  /** What `readEnvironmentVariable` reads. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Carries a Bicep file out, modules included, as far as that goes without Azure.
 * Thrown when a parameter is missing, unknown or of another type, when a name means nothing, when
 * something must be known at the start and is not: BicepError with file and line.
 */
export function deploy(file: string, options: DeployOptions): Deployment {
  return new Template(file, options).run();
}

const PLACING = new Set(['name', 'parent', 'scope', 'dependsOn']);
const SCOPES: Readonly<Record<string, ScopeHandle['kind']>> = {
  resourceGroup: 'resourceGroup',
  subscription: 'subscription',
  tenant: 'tenant',
};

class Template {
  readonly #file: string;
  readonly #options: DeployOptions;
  readonly #statements: readonly Statement[];
  readonly #types: DeclaredTypes;
  readonly #around: Surroundings;
  readonly #known = new Map<string, Value>();
  readonly #open = new Set<string>();
  readonly #resources: DeployedResource[] = [];
  readonly #existing: DeployedResource[] = [];
  readonly #modules: string[] = [];

  constructor(file: string, options: DeployOptions) {
    this.#file = file;
    this.#options = options;
    this.#statements = parseBicep(readFileSync(file, 'utf8'), file);
    this.#types = typesOf(this.#statements, file);
    const at = { scope: options.scope, file, environment: options.environment ?? {} };
    this.#around = {
      lookUp: (name) => this.#lookUp(name),
      lookUpNested: (of, name) => this.#lookUpNested(of, name),
      call: (name, args) => scopeFunction(name, args, at),
    };
  }

  run(): Deployment {
    this.#requireScope();
    this.#requireParams();
    const outputs: Record<string, Value> = {};
    for (const statement of this.#statements) {
      if ('name' in statement && statement.kind !== 'type' && statement.kind !== 'output') {
        this.#lookUp(statement.name);
      }
    }
    for (const statement of this.#statements) {
      if (statement.kind !== 'output') continue;
      this.#at(statement, () => {
        const value = settle(evaluate(statement.value, this.#around));
        this.#require(typeProblems(value, statement.type, this.#types, statement.name));
        outputs[statement.name] = value;
      });
    }
    return {
      resources: this.#resources,
      existing: this.#existing,
      modules: this.#modules,
      outputs,
    };
  }

  #requireScope(): void {
    const statement = this.#statements.find(({ kind }) => kind === 'targetScope');
    const wanted = statement?.kind === 'targetScope' ? statement.scope : 'resourceGroup';
    const { kind } = this.#options.scope;
    if (SCOPES[wanted] !== kind) {
      throw new BicepError(this.#file, statement?.line ?? 1, `is for a ${wanted}, not a ${kind}`);
    }
  }

  #requireParams(): void {
    const known = this.#statements.flatMap((one) => (one.kind === 'param' ? [one.name] : []));
    const unknown = Object.keys(this.#options.params).filter((name) => !known.includes(name));
    if (unknown.length > 0) {
      throw new BicepError(this.#file, 1, `has no parameter ${unknown.join(', ')}`);
    }
  }

  #lookUp(name: string): Value | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const statement = this.#statements.find(
      (one) => 'name' in one && one.name === name && one.kind !== 'output' && one.kind !== 'type',
    );
    if (statement === undefined) return undefined;
    return this.#at(statement, () => {
      if (this.#open.has(name)) throw new Error(`${name} depends on itself`);
      this.#open.add(name);
      const value = this.#evaluateStatement(statement);
      this.#open.delete(name);
      this.#known.set(name, value);
      return value;
    });
  }

  #lookUpNested(of: Expression, name: string): Value {
    if (of.kind !== 'name') throw new Error(':: wants the name of a resource before it');
    this.#lookUp(of.name);
    const found = this.#known.get(`${of.name}::${name}`);
    if (found === undefined) throw new Error(`${of.name} holds no resource ${name}`);
    return found;
  }

  #evaluateStatement(statement: Statement): Value {
    switch (statement.kind) {
      case 'param': {
        const given = this.#options.params[statement.name];
        const isNullable = statement.type?.kind === 'nullable';
        const standard = statement.value;
        if (given === undefined && standard === undefined && !isNullable) {
          throw new Error(`the parameter ${statement.name} is not given`);
        }
        const value =
          given ?? (standard === undefined ? null : settle(evaluate(standard, this.#around)));
        if (statement.type !== undefined) {
          this.#require(typeProblems(value, statement.type, this.#types, statement.name));
        }
        this.#require(decoratorProblems(value, statement.decorators, statement.name));
        return value;
      }
      case 'var':
        return evaluate(statement.value, this.#around);
      case 'resource':
        return this.#spread(statement.value, this.#around, (body, isThere, around) =>
          this.#addResource(statement, body, isThere, around),
        );
      case 'module':
        return this.#spread(statement.value, this.#around, (body, isThere, around) =>
          this.#addModule(statement, body, isThere, around),
        );
      default:
        throw new Error(`a ${statement.kind} has no value`);
    }
  }

  /** Each turn of a loop, each condition, down to the object that describes the thing itself. */
  #spread(
    value: Expression,
    around: Surroundings,
    add: (body: Expression, isThere: boolean, around: Surroundings) => Value,
  ): Value {
    if (value.kind === 'for') {
      return iterate(value, around).map((inner) => this.#spread(value.body, inner, add));
    }
    if (value.kind !== 'if') return add(value, true, around);
    const condition = evaluate(value.condition, around);
    if (isLate(condition)) throw new Error('a condition must be known at the start');
    if (typeof condition !== 'boolean') throw new Error('a condition is neither true nor false');
    return add(value.body, condition, around);
  }

  #addResource(
    statement: ResourceStatement,
    expression: Expression,
    isThere: boolean,
    around: Surroundings,
    parent?: ResourceHandle,
  ): Value {
    const { name: symbol, isExisting } = statement;
    // What is left out is not looked at, as it may read what is left out, too.
    const body = evaluate(isThere ? expression : placingOf(expression), around);
    if (!isRecord(body)) throw new Error(`${symbol} is no object`);
    const placed = placeResource(statement, body, this.#options.scope, parent);
    const rest = Object.fromEntries(Object.entries(body).filter(([key]) => !PLACING.has(key)));
    const handle = new ResourceHandle({ ...placed, symbol, isExisting, isThere, body: rest });
    if (isThere) {
      const found = { file: this.#file, symbol, ...placed, body: settleRecord(rest) };
      (isExisting ? this.#existing : this.#resources).push(found);
    }
    if (expression.kind === 'object') {
      for (const nested of expression.resources) {
        const value = this.#spread(nested.value, around, (inner, isInnerThere, innerAround) =>
          this.#addResource(nested, inner, isThere && isInnerThere, innerAround, handle),
        );
        this.#known.set(`${symbol}::${nested.name}`, value);
      }
    }
    return handle;
  }

  #addModule(
    statement: ModuleStatement,
    expression: Expression,
    isThere: boolean,
    around: Surroundings,
  ): Value {
    const placing = evaluate(placingOf(expression), around);
    if (!isRecord(placing)) throw new Error(`${statement.name} is no object`);
    const { name = statement.name } = placing;
    const scope = moduleScope(placing['scope'] ?? this.#options.scope);
    if (typeof name !== 'string' || name.length > 64) {
      throw new Error(`a deployment's name is known at the start and has 64 characters at most`);
    }
    if (!isThere) return new ModuleHandle(statement.name, name, undefined);
    const body = evaluate(expression, around);
    const { params = {}, ...others } = isRecord(body) ? body : {};
    const unknown = Object.keys(others).filter((key) => !PLACING.has(key));
    if (unknown.length > 0) throw new Error(`a module has no ${unknown.join(', ')}`);
    const file = join(dirname(this.#file), statement.path);
    const inner = deploy(file, { ...this.#options, params: settleRecord(params), scope });
    this.#resources.push(...inner.resources);
    this.#existing.push(...inner.existing);
    this.#modules.push(`${scope.id}/${name}`, ...inner.modules);
    return new ModuleHandle(statement.name, name, inner.outputs);
  }

  #require(problems: readonly string[]): void {
    if (problems.length > 0) throw new Error(problems.join('; '));
  }

  /** Errors inside get the file and line of the statement. */
  #at<Result>({ line }: { readonly line: number }, run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      if (error instanceof BicepError) throw error;
      throw new BicepError(
        this.#file,
        line,
        error instanceof Error ? error.message : String(error),
      );
    }
  }
}

/** The part of a body that says what it is called and where it goes. */
function placingOf(expression: Expression): Expression {
  if (expression.kind !== 'object') return expression;
  const entries = expression.entries.filter(
    (entry) =>
      'key' in entry && entry.key.kind === 'literal' && PLACING.has(String(entry.key.value)),
  );
  return { ...expression, entries };
}

function settleRecord(value: Value): ValueRecord {
  const settled = settle(value);
  if (!isRecord(settled)) throw new Error('an object is missing');
  return settled;
}
