/** One place for every suite; `npm test -- --selectProjects unit` runs one of them. */
const swc = [
  '@swc/jest',
  { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'commonjs' } },
];
const common = {
  testEnvironment: 'node',
  transform: { '^.+\\.(ts|mjs)$': swc },
  transformIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/'],
};
/** Only a Functions host provides this module; the stand-in keeps what is registered. */
const functionsCore = { '^@azure/functions-core$': '<rootDir>/test/support/functions-core.ts' };
/** There is no other form of Commander, and these suites run the command line in their own process. */
const commander = {
  transform: { ...common.transform, '/node_modules/commander/.+\\.js$': swc },
  transformIgnorePatterns: ['/node_modules/(?!commander/)'],
};
const suite = (name) => ({
  ...common,
  ...(name === 'unit' && commander),
  ...(name === 'orchestrations' && { moduleNameMapper: functionsCore }),
  ...(name === 'browser' && { globalSetup: '<rootDir>/test/support/browser/global-setup.cjs' }),
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
});

module.exports = {
  // More than there are cores: most of a suite's time is waiting for timers of the running system.
  maxWorkers: 3,
  // A bound against hanging, not a measure: the machine may be busy with other things.
  testTimeout: 120_000,
  projects: ['unit', 'orchestrations', 'integration', 'browser', 'resilience'].map(suite),
};
