import type { Linter } from 'eslint';

/** ESLint flat-config entries that enforce the architecture's import rules. */
export function createImportRules(): Linter.Config[];
