import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DeclaredTypes } from './check-type.ts';
import { parseBicep } from './parse.ts';
import { BicepError, type Statement, type TypeExpression, type TypeStatement } from './syntax.ts';

/**
 * The types that a file declares, and those that it imports.
 * Thrown when the other file exports none of that name: BicepError.
 */
export function typesOf(statements: readonly Statement[], file: string): DeclaredTypes {
  return new Map(
    statements.flatMap((one): readonly (readonly [string, TypeExpression])[] => {
      if (one.kind === 'type') return [[one.name, one.type]];
      if (one.kind !== 'import') return [];
      const path = join(dirname(file), one.path);
      const others = parseBicep(readFileSync(path, 'utf8'), path);
      return one.names.map((name) => {
        const found = others.find(
          (other) => other.kind === 'type' && other.name === name && isExported(other),
        );
        if (found?.kind === 'type') return [name, found.type];
        throw new BicepError(file, one.line, `${one.path} exports no ${name}`);
      });
    }),
  );
}

function isExported({ decorators }: TypeStatement): boolean {
  return decorators.some(({ name }) => name === 'export');
}
