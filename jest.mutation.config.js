/**
 * For Stryker: the rules and the tests of the rules, which need no Temporal server and no build.
 * @type {import('jest').Config}
 */
const { testEnvironment, transform, modulePathIgnorePatterns } = require('./jest.config.js');
module.exports = {
  testEnvironment,
  transform,
  modulePathIgnorePatterns,
  setupFiles: ['<rootDir>/test/mutation-setup.ts'],
  testMatch: ['<rootDir>/test/resize/**/*.test.ts'],
};
