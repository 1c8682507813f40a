import type { Expression, Statement, TypeExpression } from './syntax.ts';

/** Something that a file says and that means nothing, or that nothing uses. */
export interface NameProblem {
  readonly line: number;
  readonly problem: string;
}

const SYMBOL_KINDS = new Set<Statement['kind']>(['param', 'var', 'resource', 'module', 'type']);
const PRIMITIVES = new Set(['string', 'int', 'bool', 'array', 'object']);
/** Deployed for what they do in Azure, not to be named again. */
const USED_BY_BEING_THERE = new Set<Statement['kind']>(['resource', 'module']);

/**
 * Every name in a file that is declared twice, that stands for nothing, or that nothing uses; in
 * every branch, also those that no deployment of a test takes.
 */
export function nameProblems(statements: readonly Statement[]): readonly NameProblem[] {
  const declared = new Map<string, number>();
  const problems: NameProblem[] = [];
  const used = new Set<string>();
  for (const { name, line } of symbolsOf(statements)) {
    if (declared.has(name)) problems.push({ line, problem: `${name} is declared twice` });
    declared.set(name, line);
  }
  for (const statement of statements) {
    const local = new Set<string>();
    const see = (name: string, line: number, isCalled = false): void => {
      // What a file declares hides a function of that name.
      const isHidden = isCalled && (declared.has(name) || local.has(name));
      if (isHidden) problems.push({ line, problem: `${name} is declared and no function here` });
      if (isCalled || local.has(name)) return;
      if (declared.has(name)) used.add(name);
      else problems.push({ line, problem: `nothing is called ${name}` });
    };
    if ('value' in statement && statement.value !== undefined) {
      visit(statement.value, local, see, statement.line);
    }
    if ('type' in statement && typeof statement.type === 'object') visitType(statement.type, see);
  }
  for (const { name, line, isUseful } of symbolsOf(statements)) {
    if (!isUseful && !used.has(name)) problems.push({ line, problem: `nothing uses ${name}` });
  }
  return problems;
}

/** What a file declares or imports; useful without being named again: what is deployed or exported. */
function symbolsOf(
  statements: readonly Statement[],
): readonly { readonly name: string; readonly line: number; readonly isUseful: boolean }[] {
  return statements.flatMap((statement) => {
    const { line } = statement;
    if (statement.kind === 'import') {
      return statement.names.map((name) => ({ name, line, isUseful: false }));
    }
    if (!('name' in statement) || !SYMBOL_KINDS.has(statement.kind)) return [];
    const isExported = statement.decorators.some(({ name }) => name === 'export');
    const isDeployed =
      USED_BY_BEING_THERE.has(statement.kind) &&
      !(statement.kind === 'resource' && statement.isExisting);
    return [{ name: statement.name, line, isUseful: isDeployed || isExported }];
  });
}

function visit(
  expression: Expression,
  local: Set<string>,
  see: (name: string, line: number, isCalled?: boolean) => void,
  line: number,
): void {
  const go = (inner: Expression): void => {
    visit(inner, local, see, line);
  };
  const within = (names: readonly string[], inner: Expression): void => {
    const fresh = names.filter((name) => !local.has(name));
    for (const name of fresh) local.add(name);
    go(inner);
    for (const name of fresh) local.delete(name);
  };
  switch (expression.kind) {
    case 'literal':
      return;
    case 'interpolation':
      for (const part of expression.parts) if (typeof part !== 'string') go(part);
      return;
    case 'array':
      for (const { value } of expression.items) go(value);
      return;
    case 'object':
      for (const entry of expression.entries) {
        if ('spread' in entry) go(entry.spread);
        else {
          go(entry.key);
          go(entry.value);
        }
      }
      for (const nested of expression.resources) go(nested.value);
      return;
    case 'name':
      see(expression.name, expression.line);
      return;
    case 'property':
    case 'nested':
      go(expression.of);
      return;
    case 'index':
      go(expression.of);
      go(expression.index);
      return;
    case 'call':
      see(expression.name, expression.line, true);
      expression.args.forEach(go);
      return;
    case 'lambda':
      within(expression.params, expression.body);
      return;
    case 'unary':
      go(expression.value);
      return;
    case 'binary':
      go(expression.left);
      go(expression.right);
      return;
    case 'conditional':
      go(expression.condition);
      go(expression.then);
      go(expression.otherwise);
      return;
    case 'for': {
      go(expression.over);
      const { item, index } = expression;
      within(index === undefined ? [item] : [item, index], expression.body);
      return;
    }
    case 'if':
      go(expression.condition);
      go(expression.body);
  }
}

function visitType(type: TypeExpression, see: (name: string, line: number) => void): void {
  if (type.kind === 'named') {
    if (!PRIMITIVES.has(type.name)) see(type.name, type.line);
  } else if (type.kind === 'list' || type.kind === 'nullable') visitType(type.of, see);
  else if (type.kind === 'union') for (const one of type.of) visitType(one, see);
  else if (type.kind === 'object') for (const entry of type.entries) visitType(entry.type, see);
}
