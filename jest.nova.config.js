/** The suite on a real Nova and Keystone. @type {import('jest').Config} */
const config = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/nova/**/*.test.ts'],
  testPathIgnorePatterns: [],
  globalSetup: '<rootDir>/test/nova/global-setup.ts',
  globalTeardown: '<rootDir>/test/nova/global-teardown.ts',
  testTimeout: 180_000,
  // One Nova serves them all.
  maxWorkers: 2,
  maxConcurrency: 1,
};
module.exports = config;
