/**
 * Conditions that delegate the management of role assignments, evaluated.
 * Source: "Azure role assignment condition format and syntax" and "Authorization actions and
 * attributes"; the templates of "Delegate Azure role assignment management to others with
 * conditions". Other attributes, such as those of storage, are not modelled.
 */

/** What a role assignment is about, as conditions see it. */
export interface AssignmentAttributes {
  /** GUID of the role. */
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly principalType: string;
}

export interface ConditionQuestion {
  /** For example `Microsoft.Authorization/roleAssignments/write`. */
  readonly operation: string;
  /** Of the assignment that is written or deleted; absent = not looked at yet. */
  readonly assignment?: AssignmentAttributes | undefined;
}

/**
 * Whether a condition is met. Without the attributes it is met when some attributes could meet it.
 * @returns undefined when it holds something that is not modelled here
 */
export function evaluateCondition(
  condition: string,
  question: ConditionQuestion,
): boolean | undefined {
  const tokens = tokenize(condition);
  if (tokens === undefined) return undefined;
  const reader = { tokens, at: 0, question };
  try {
    const met = readOr(reader);
    return reader.at === tokens.length ? met : undefined;
  } catch (error) {
    if (error instanceof NotModelled) return undefined;
    throw error;
  }
}

class NotModelled extends Error {}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
  readonly question: ConditionQuestion;
}

const TOKEN =
  /\s*(\(|\)|\{|\}|,|!|&&|\|\||'[^']*'|@[A-Za-z]+\[[^\]]+\]|[A-Za-z][A-Za-z:]*|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/y;
/** A GUID may begin with a letter: it is tried first. */
const GUID = /\s*([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/y;

function tokenize(text: string): string[] | undefined {
  const tokens: string[] = [];
  let at = 0;
  const end = text.trimEnd().length;
  while (at < end) {
    GUID.lastIndex = at;
    TOKEN.lastIndex = at;
    const found = GUID.exec(text) ?? TOKEN.exec(text);
    if (found?.[1] === undefined) return undefined;
    tokens.push(found[1]);
    at += found[0].length;
  }
  return tokens;
}

function readOr(reader: Reader): boolean {
  let met = readAnd(reader);
  while (takes(reader, 'or', '||')) met = readAnd(reader) || met;
  return met;
}

function readAnd(reader: Reader): boolean {
  let met = readOne(reader);
  while (takes(reader, 'and', '&&')) met = readOne(reader) && met;
  return met;
}

function readOne(reader: Reader): boolean {
  if (takes(reader, '!', 'not')) return !readOne(reader);
  if (takes(reader, '(')) {
    const met = readOr(reader);
    require(reader, ')');
    return met;
  }
  if (takes(reader, 'actionmatches')) {
    const [action = ''] = readValues(reader);
    return action.toLowerCase() === reader.question.operation.toLowerCase();
  }
  return readComparison(reader);
}

function readComparison(reader: Reader): boolean {
  const attribute = next(reader).toLowerCase();
  const operator = next(reader).toLowerCase();
  const values = readValues(reader).map((value) => value.toLowerCase());
  const actual = valueOf(attribute, reader.question);
  const compare = COMPARISONS[operator];
  if (compare === undefined) throw new NotModelled();
  // Not looked at yet: some assignment could meet it.
  return actual === undefined || compare(actual.toLowerCase(), values);
}

type Compare = (actual: string, values: readonly string[]) => boolean;
const isOne: Compare = (actual, values) => values.includes(actual);
const isNone: Compare = (actual, values) => !values.includes(actual);

const COMPARISONS: Readonly<Record<string, Compare>> = {
  guidequals: isOne,
  guidnotequals: isNone,
  stringequals: isOne,
  stringequalsignorecase: isOne,
  'foranyofanyvalues:guidequals': isOne,
  'foranyofallvalues:guidnotequals': isNone,
  'foranyofanyvalues:stringequals': isOne,
  'foranyofanyvalues:stringequalsignorecase': isOne,
  'foranyofallvalues:stringnotequals': isNone,
};

/** `@Request` is what a write asks for, `@Resource` what a delete finds. */
function valueOf(attribute: string, { operation, assignment }: ConditionQuestion) {
  const [, side, name] =
    /^@(request|resource)\[microsoft\.authorization\/roleassignments:(\w+)\]$/.exec(attribute) ??
    [];
  const wanted = operation.toLowerCase().endsWith('/delete') ? 'resource' : 'request';
  if (name === undefined) throw new NotModelled();
  // The attribute is not there for this action, and equals nothing.
  if (side !== wanted && assignment !== undefined) return '';
  switch (name) {
    case 'roledefinitionid':
      return assignment?.roleDefinitionId;
    case 'principalid':
      return assignment?.principalId;
    case 'principaltype':
      return assignment?.principalType;
    default:
      throw new NotModelled();
  }
}

/** `{a, 'b'}` or `'a'`. */
function readValues(reader: Reader): string[] {
  if (!takes(reader, '{')) return [plain(next(reader))];
  const values = [plain(next(reader))];
  while (takes(reader, ',')) values.push(plain(next(reader)));
  require(reader, '}');
  return values;
}

function plain(token: string): string {
  return token.startsWith("'") ? token.slice(1, -1) : token;
}

function takes(reader: Reader, ...wanted: readonly string[]): boolean {
  const token = reader.tokens[reader.at]?.toLowerCase();
  if (token === undefined || !wanted.includes(token)) return false;
  reader.at += 1;
  return true;
}

function require(reader: Reader, wanted: string): void {
  if (!takes(reader, wanted)) throw new NotModelled();
}

function next(reader: Reader): string {
  const token = reader.tokens[reader.at];
  if (token === undefined) throw new NotModelled();
  reader.at += 1;
  return token;
}
