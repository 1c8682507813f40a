/**
 * The part of the Bicep language that `infra/` is written in, as a tree.
 * (https://learn.microsoft.com/azure/azure-resource-manager/bicep/file)
 */

/** An expression; what may stand wherever a value is asked for. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'interpolation'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'array'; readonly items: readonly ArrayItem[] }
  | ObjectExpression
  | { readonly kind: 'name'; readonly name: string; readonly line: number }
  | {
      readonly kind: 'property';
      readonly of: Expression;
      readonly name: string;
      /** `.?`: null instead of an error. */
      readonly isSafe: boolean;
      readonly line: number;
    }
  | {
      readonly kind: 'index';
      readonly of: Expression;
      readonly index: Expression;
      readonly isSafe: boolean;
    }
  /** `storage::blobs`: a nested resource of another. */
  | { readonly kind: 'nested'; readonly of: Expression; readonly name: string }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly line: number;
    }
  | { readonly kind: 'lambda'; readonly params: readonly string[]; readonly body: Expression }
  | { readonly kind: 'unary'; readonly operator: string; readonly value: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | ForExpression
  /** `if (…) { … }`: the value of a resource or module that may be left out. */
  | { readonly kind: 'if'; readonly condition: Expression; readonly body: Expression };

export interface ArrayItem {
  readonly value: Expression;
  readonly isSpread: boolean;
}

export interface ObjectExpression {
  readonly kind: 'object';
  readonly entries: readonly ObjectEntry[];
  /** Resources declared inside the body of a resource. */
  readonly resources: readonly ResourceStatement[];
}

export type ObjectEntry =
  { readonly key: Expression; readonly value: Expression } | { readonly spread: Expression };

export interface ForExpression {
  readonly kind: 'for';
  readonly item: string;
  readonly index: string | undefined;
  readonly over: Expression;
  readonly body: Expression;
}

/** What a parameter or output may hold. */
export type TypeExpression =
  | { readonly kind: 'named'; readonly name: string; readonly line: number }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'list'; readonly of: TypeExpression }
  | { readonly kind: 'nullable'; readonly of: TypeExpression }
  | { readonly kind: 'union'; readonly of: readonly TypeExpression[] }
  | { readonly kind: 'object'; readonly entries: readonly TypeEntry[] };

export interface TypeEntry {
  /** undefined for `*`: any other key. */
  readonly key: string | undefined;
  readonly type: TypeExpression;
  readonly decorators: readonly Decorator[];
}

export interface Decorator {
  readonly name: string;
  readonly args: readonly Expression[];
}

interface Declared {
  readonly name: string;
  readonly line: number;
  readonly decorators: readonly Decorator[];
}

export interface ParameterStatement extends Declared {
  readonly kind: 'param';
  /** undefined in a parameter file, which gives values only. */
  readonly type: TypeExpression | undefined;
  readonly value: Expression | undefined;
}

export interface VariableStatement extends Declared {
  readonly kind: 'var';
  readonly value: Expression;
}

export interface ResourceStatement extends Declared {
  readonly kind: 'resource';
  /** `Microsoft.Web/sites`; for a nested resource only what is added to its parent's. */
  readonly type: string;
  readonly apiVersion: string | undefined;
  readonly isExisting: boolean;
  readonly value: Expression;
}

export interface ModuleStatement extends Declared {
  readonly kind: 'module';
  readonly path: string;
  readonly value: Expression;
}

export interface OutputStatement extends Declared {
  readonly kind: 'output';
  readonly type: TypeExpression;
  readonly value: Expression;
}

export interface TypeStatement extends Declared {
  readonly kind: 'type';
  readonly type: TypeExpression;
}

/** `import { settingsType } from 'settings.bicep'`: types of another file. */
export interface ImportStatement {
  readonly kind: 'import';
  readonly names: readonly string[];
  readonly path: string;
  readonly line: number;
}

export type Statement =
  | { readonly kind: 'targetScope'; readonly scope: string; readonly line: number }
  | { readonly kind: 'using'; readonly path: string; readonly line: number }
  | ImportStatement
  /** Words for readers of the compiled template. */
  | { readonly kind: 'metadata'; readonly line: number }
  | ParameterStatement
  | VariableStatement
  | ResourceStatement
  | ModuleStatement
  | OutputStatement
  | TypeStatement;

/** Thrown when a file is not what its language allows; says where. */
export class BicepError extends Error {
  constructor(file: string, line: number, problem: string) {
    super(`${file}:${String(line)}: ${problem}`);
    this.name = 'BicepError';
  }
}
