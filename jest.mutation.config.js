/**
 * For Stryker: the rules and the tests of the rules, which need no Temporal server and no build.
 * @type {import('jest').Config}
 */
const { testEnvironment, transform } = require('./jest.config.js');
module.exports = { testEnvironment, transform, testMatch: ['<rootDir>/test/resize/**/*.test.ts'] };
