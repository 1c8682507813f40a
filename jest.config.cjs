const path = require('node:path');

// Suites start the same programs dozens of times; compiling them once halves what a start takes.
process.env.NODE_COMPILE_CACHE ??= path.join(__dirname, 'node_modules/.cache/compile');

/** One place for every suite; `npm test -- --selectProjects unit` runs one of them. */
const swc = [
  '@swc/jest',
  { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'commonjs' } },
];
/** Packages of which there is no other form, and which a suite loads into its own process. */
const ES_MODULES = 'commander|echarts|zrender';
const common = {
  testEnvironment: 'node',
  transform: {
    '\\.(css|client\\.ts)$': '<rootDir>/test/support/pages/inline-transform.mjs',
    '^.+\\.(ts|mjs)$': swc,
    [`/node_modules/(?:${ES_MODULES})/.+\\.js$`]: swc,
  },
  moduleNameMapper: { '^(.+)\\?inline$': '$1' },
  transformIgnorePatterns: [`/node_modules/(?!(?:${ES_MODULES})/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/'],
};
/** Only a Functions host provides this module; the stand-in keeps what is registered. */
const functionsCore = {
  '^@azure/functions-core$': '<rootDir>/local/host/test-kit/functions-core.ts',
};
const suite = (name) => ({
  ...common,
  ...(['orchestrations', 'conformance'].includes(name) && {
    moduleNameMapper: { ...common.moduleNameMapper, ...functionsCore },
  }),
  ...(name === 'browser' && { globalSetup: '<rootDir>/test/support/browser/global-setup.cjs' }),
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
});

module.exports = {
  // More than there are cores: most of a suite's time is waiting for timers of the running system.
  maxWorkers: 4,
  // A bound against hanging, not a measure: the machine may be busy with other things.
  testTimeout: 120_000,
  // Milliseconds: on a busy machine a worker with much in memory is not gone within Jest's own half
  // second. What a suite leaves open is told all the same, when it is run alone.
  workerGracefulExitTimeout: 10_000,
  projects: ['unit', 'orchestrations', 'conformance', 'integration', 'browser', 'resilience'].map(
    suite,
  ),
};
