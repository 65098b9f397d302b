/** @type {import('jest').Config} */
const config = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/nova/', '<rootDir>/test/full/'],
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  // Stryker's copies of the project.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  testSequencer: '<rootDir>/test/sequencer.js',
  testTimeout: 60_000,
  // Tests run in a context of node:vm, where a global is looked up slowly (jestjs.io, "sandboxInjectedGlobals"): a sixth of exploration.
  sandboxInjectedGlobals: ['Math', 'JSON', 'Object', 'Array', 'Map', 'Set', 'Date', 'String', 'Number', 'Error'],
  // Most tests wait for time-outs and other processes, so more of them fit than there are cores. With four, two cores were so
  // busy that answers came seconds late, and the whole took no less time.
  maxWorkers: 3,
};
module.exports = config;
