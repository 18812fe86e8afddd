// Typed lint rules, and the drawing of ARCHITECTURE.md (who may import whom) as no-restricted-imports.
import js from '@eslint/js';
import nodePlugin from 'eslint-plugin-n';
import tseslint from 'typescript-eslint';

/** Files that may not import what matches; a pattern with allowTypeImports still allows `import type`. */
const forbid = (files, ...patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});
const to = (regex, message, allowTypeImports = false) => ({ regex, message, allowTypeImports });

const ROOTS = to('/(cli|local|test)/', 'Nothing imports cli, local or test: they are the roots.');
const TEMPORAL_CLIENT = to(
  '^@temporalio/client',
  'Only server/ and cli/ talk to the Temporal client.',
);

export default tseslint.config(
  { ignores: ['node_modules', '.state', 'data', 'dist', 'prebuilt', 'test/fixtures'] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    plugins: { n: nodePlugin },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/require-await': 'off',
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'n/no-process-env': 'error',
      eqeqeq: 'error',
    },
  },
  forbid(['schemas/**'], to('^\\.\\./|^@|^node:', 'schemas/ imports zod only.')),
  forbid(
    ['workflows/**'],
    to('^node:|^zod|^@temporalio/(?!workflow|common)', 'Workflow code is deterministic.'),
    to('/(activities|platform|learning|server|cli|local|test)/', 'Types only.', true),
    to('/schemas/(?!names|failure|limits)', 'Only names, failures and limits as values.', true),
  ),
  forbid(
    ['learning/**'],
    to(
      '^\\.\\./(?:\\.\\./)*(activities|platform|server|workflows|cli|local|test|schemas)/',
      'learning/ is pure.',
      true,
    ),
    to('^node:(?!worker_threads)|^@temporalio', 'learning/ does no I/O.'),
  ),
  forbid(
    ['platform/**'],
    to('/(activities|learning|server|workflows)/', 'platform/ knows schemas only.'),
    ROOTS,
    TEMPORAL_CLIENT,
  ),
  forbid(
    ['activities/**'],
    to('/(server|workflows)/', 'Activities know neither server nor workflows.', true),
    ROOTS,
    TEMPORAL_CLIENT,
  ),
  forbid(
    ['server/**'],
    to('/(activities|workflows|learning)/', 'Start a workflow instead; types only.', true),
    ROOTS,
  ),
  {
    files: ['test/**'],
    rules: {
      'max-lines': 'off',
      'max-params': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  // The one place that reads the environment, and the roots that hand it on.
  {
    files: ['cli/**', 'local/**', 'test/**', 'bench/**', '*.config.*'],
    rules: { 'n/no-process-env': 'off' },
  },
);
