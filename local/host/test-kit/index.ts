/** What tests of a Durable Functions app need of the host: its engine, with a clock that a test moves. */
export { registeredFunctions } from './functions-core.ts';
export {
  makeOrchestrationKit,
  type ActivityCall,
  type KitEntity,
  type OrchestrationKit,
  type OrchestrationResult,
} from './orchestration-kit.ts';
export type { OrchestrationKitOptions } from './kit-options.ts';
export { toFunctions, type FakeActivity, type KitFunctions } from './to-functions.ts';
