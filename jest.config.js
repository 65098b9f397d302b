/** @type {import('jest').Config} */
const config = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/nova/', '<rootDir>/test/full/'],
  globalSetup: '<rootDir>/test/global-setup.ts',
  testTimeout: 60_000,
};
module.exports = config;
