import { defineConfig } from 'eslint/config';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// Imports point one way (docs/architecture.md): starter -> cli -> client -> resize,
// worker -> workflows -> resize, worker -> activities -> cloud -> resize, activities -> checks, policy, notify, audit -> resize, client -> workflows/messages;
// what client, worker and activities share of Temporal is in temporal. Each entry names a folder and the folders of ours that it may import from.
/** @type {Record<string, string[]>} */
const mayImport = {
  resize: [],
  cloud: ['resize'],
  checks: ['cloud', 'resize'],
  yaml: ['resize'],
  policy: ['resize', 'yaml'],
  notify: ['checks', 'cloud', 'resize', 'yaml'],
  audit: ['resize'],
  record: ['resize'],
  activities: ['audit', 'checks', 'cloud', 'notify', 'policy', 'resize', 'record', 'temporal', 'workflows/messages'],
  workflows: ['resize', 'activities (types only)'],
  temporal: ['workflows/messages'],
  worker: [
    'temporal',
    'activities',
    'audit',
    'checks',
    'cloud',
    'notify',
    'policy',
    'record',
    'yaml',
    'workflows/messages',
    'resize',
  ],
  client: ['workflows/messages', 'resize', 'temporal', 'record'],
  cli: ['client', 'resize', 'record', 'audit', 'yaml'],
  simulator: [],
  demo: ['client', 'cloud', 'resize', 'simulator'],
  bench: ['client', 'resize', 'worker', 'workflows/messages'],
};

const folders = Object.keys(mayImport);

/** @type {import('eslint').Linter.Config[]} */
const direction = Object.entries(mayImport).map(([folder, allowed]) => {
  const patterns = folders
    .filter((other) => other !== folder && !allowed.includes(other))
    .map((other) => {
      const typesOnly = allowed.includes(`${other} (types only)`);
      const messagesOnly = allowed.includes(`${other}/messages`);
      return {
        regex: messagesOnly ? `^(\\.\\./)+${other}(/(?!messages(\\.js)?$)|$)` : `^(\\.\\./)+${other}(/|$)`,
        allowTypeImports: typesOnly,
        message: `src/${folder} may import from: ${allowed.join(', ') || 'nothing of ours'}.`,
      };
    });
  if (folder === 'resize' || folder === 'workflows') {
    patterns.push({
      regex: folder === 'resize' ? '^(node:|@temporalio/|axios)' : '^(node:|axios|@temporalio/(?!workflow$|common$))',
      allowTypeImports: false,
      message:
        folder === 'resize'
          ? 'src/resize is pure: no I/O, no clock, no Temporal.'
          : 'Workflow code is deterministic: @temporalio/workflow and src/resize only.',
    });
  }
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
});

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', '.cache/', 'coverage/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      eqeqeq: 'error',
    },
  },
  {
    // The rules are pure: a clock or chance in them could not be tested or replayed.
    files: ['src/resize/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'console'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'The rules take `now` as an argument.' },
        { object: 'Math', property: 'random', message: 'The rules hold no chance.' },
      ],
    },
  },
  {
    // All runs of a worker share these modules (scripts/bundle-workflows.mjs): state in one would leak between runs.
    files: ['src/resize/**/*.ts', 'src/workflows/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          ':matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind!="const"]',
          ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > NewExpression[callee.name=/^(Weak)?(Map|Set)$/]',
          'PropertyDefinition[static=true]',
        ].map((selector) => ({ selector, message: 'A module that all runs share keeps no state.' })),
      ],
    },
  },
  ...direction,
  {
    plugins: { 'import-x': importX },
    settings: {
      ...importX.flatConfigs.typescript.settings,
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.check.json' })],
    },
    // Of what runs: the rule leaves out imports of types, which are gone then.
    rules: { 'import-x/no-cycle': 'error' },
  },
  {
    // What only the demo and the tests need is not shipped.
    files: ['src/**/*.ts'],
    ignores: ['src/bench/**', 'src/demo/**', 'src/simulator/**'],
    rules: { 'import-x/no-extraneous-dependencies': ['error', { devDependencies: false }] },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    ...tseslint.configs.disableTypeChecked,
  },
  {
    // CommonJS, which both Jest and ES modules can load.
    files: ['**/*.js'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
