/** One place for every suite; `npm test -- --selectProjects unit` runs one of them. */
const common = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.(ts|mjs)$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/'],
};
const suite = (name) => ({
  ...common,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
});

module.exports = {
  maxWorkers: 2,
  projects: ['unit', 'orchestrations', 'integration', 'browser', 'resilience'].map(suite),
};
