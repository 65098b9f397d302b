// @ts-check

/**
 * Mutation testing of the rules: `npm run mutation`, or with one file `npm run mutation -- --mutate src/resize/x.ts`.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['src/resize/**/*.ts'],
  buildCommand: 'tsc -p tsconfig.mutation.json',
  testRunner: 'mocha',
  plugins: ['@stryker-mutator/mocha-runner'],
  mochaOptions: {
    spec: ['test/resize/*.test.js'],
    require: ['./test/mutation-setup.js'],
    // It counts which meanings thousands of looks have.
    grep: '^(?!every look has a meaning)',
  },
  // Each mutant runs the tests that reach it, and no others.
  coverageAnalysis: 'perTest',
  // A mutant of what is evaluated once, when a module is loaded, is run by every test in a fresh process: two thirds of
  // a rules file are tables, and their mutants take ten times as long as all others. `--ignoreStatic false` runs them.
  ignoreStatic: true,
  concurrency: 2,
  // A score below this fails.
  thresholds: { high: 95, low: 90, break: 88 },
  tempDirName: '.cache/stryker',
  cleanTempDir: 'always',
  ignorePatterns: ['/dist', '/.cache', '/coverage', '/test/histories', '/test/nova'],
  reporters: ['progress-append-only', 'clear-text', 'json'],
  jsonReporter: { fileName: '.cache/mutation.json' },
  clearTextReporter: { allowColor: false, allowEmojis: false, reportTests: false, skipFull: true },
  allowConsoleColors: false,
  disableTypeChecks: false,
};
