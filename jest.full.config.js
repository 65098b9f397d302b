/** What takes long: whole matrices, counts, chaos. @type {import('jest').Config} */
const config = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/full/**/*.test.ts'],
  testPathIgnorePatterns: [],
  testTimeout: 900_000,
};
module.exports = config;
