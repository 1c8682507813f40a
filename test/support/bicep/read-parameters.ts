import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { evaluate, type Surroundings } from './evaluate.ts';
import { ScopeHandle } from './handles.ts';
import { settle, type Value } from './late.ts';
import { parseBicep } from './parse.ts';
import { scopeFunction } from './scope-functions.ts';
import { BicepError } from './syntax.ts';

/**
 * The values that a parameter file gives its template.
 * @param environment what `readEnvironmentVariable` reads
 */
export function readParameters(
  file: string,
  environment: Readonly<Record<string, string>>,
): { readonly template: string; readonly params: Readonly<Record<string, Value>> } {
  const statements = parseBicep(readFileSync(file, 'utf8'), file);
  const using = statements.find(({ kind }) => kind === 'using');
  if (using?.kind !== 'using') throw new BicepError(file, 1, 'names no template');
  const params: Record<string, Value> = {};
  const scope = new ScopeHandle({ tenantId: '' });
  const named = new Map<string, Value>();
  const around: Surroundings = {
    lookUp: (name) => named.get(name),
    lookUpNested: () => {
      throw new Error('a parameter file has no resources');
    },
    call: (name, args) => scopeFunction(name, args, { scope, file, environment }),
  };
  for (const statement of statements) {
    if (statement.kind !== 'param' && statement.kind !== 'var') continue;
    if (statement.value === undefined) throw new BicepError(file, statement.line, 'has no value');
    const value = evaluate(statement.value, around);
    named.set(statement.name, value);
    if (statement.kind === 'param') params[statement.name] = settle(value);
  }
  return { template: join(dirname(file), using.path), params };
}
