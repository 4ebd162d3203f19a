import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The rooms of src/ and the rooms each may import (ARCHITECTURE.md, "Imports run one way").
 * A room may always import itself. Entities and repositories never leave their room.
 */
const below = {
  config: [],
  common: ['database', 'config'],
  database: ['config'],
  users: ['database', 'common', 'config'],
  bots: ['database', 'common', 'config'],
  auth: ['users', 'bots', 'database', 'common', 'config'],
  protection: ['users', 'bots', 'common', 'config'],
  stores: ['users', 'bots', 'database', 'common', 'config'],
  erasure: ['protection', 'stores', 'auth', 'users', 'bots', 'database', 'common', 'config'],
  http: ['auth', 'database', 'common', 'config'],
};
const rooms = Object.keys(below);

const importDirections = rooms.map((room) => {
  const forbidden = rooms.filter((other) => other !== room && !below[room].includes(other));
  return {
    files: [`src/${room}/**/*.ts`],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${[...forbidden, 'cli'].join('|')}|main|app\\.module|cli)(/|\\.js$)`,
              message: `src/${room} must not import this room: imports run one way (ARCHITECTURE.md).`,
            },
            {
              regex: `^(\\.\\./)+(${rooms.filter((r) => r !== room).join('|')})/(.*/)?[^/]+\\.(entity|repository)\\.js$`,
              message: 'Entities and repositories stay in their room; use the service it exports.',
            },
            ...(room === 'erasure'
              ? []
              : [{ group: ['bull', '@nestjs/bull'], message: 'Bull is known to erasure/queue alone.' }]),
          ],
        },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '.expunge/', 'bench/results*'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Classes that describe answers to Swagger are shapes: nothing is made with `new`.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config reads the environment.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'Property[key.name=/^(synchronize|dropSchema)$/]:not([value.value=false])',
          message: 'The schema changes by migrations only.',
        },
        {
          selector:
            'CallExpression[callee.property.name=/^(synchronize|dropDatabase|clear)$/][callee.object.name=/(dataSource|repository)/i]',
          message: 'The schema changes by migrations only, and no table is ever emptied.',
        },
        {
          selector: 'CallExpression[callee.property.name="createQueryBuilder"]',
          message:
            'A query builder without where() empties a table: write the statement with its whole predicate.',
        },
      ],
    },
  },
  { files: ['src/config/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['test/**/*.ts', '**/*.spec.ts', 'bench/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  ...importDirections,
  {
    files: ['src/erasure/**/*.ts'],
    ignores: ['src/erasure/queue/**', '**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportDeclaration[source.value=/^(bull|@nestjs\\/bull)$/]',
          message: 'Bull is known to erasure/queue alone.',
        },
      ],
    },
  },
);
