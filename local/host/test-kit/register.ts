/**
 * Import this before the app in a program that runs on Node itself, such as a test of `node:test`:
 * from then on `@azure/functions-core`, which only a Functions host provides, is the kit's stand-in.
 * Test runners with a module system of their own map the name to `functions-core.ts` instead.
 */
import { registerHooks } from 'node:module';

const core = new URL('functions-core.ts', import.meta.url).href;
registerHooks({
  resolve: (name, context, next) =>
    name === '@azure/functions-core' ? { url: core, shortCircuit: true } : next(name, context),
});
