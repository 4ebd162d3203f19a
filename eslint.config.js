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

const specs = '**/*.spec.ts';

/*
 * Two rules are set for each kind of file as a whole: a second setting of a rule takes the place of the first.
 */

/** What no file may say, whatever its room. */
const never = [
  {
    selector:
      'Property:matches([key.name=/^(synchronize|dropSchema)$/], [key.value=/^(synchronize|dropSchema)$/]):not([value.value=false])',
    message: 'The schema changes by migrations only.',
  },
  {
    selector: 'CallExpression[callee.property.name=/^(synchronize|dropDatabase|dropSchema)$/]',
    message: 'The schema changes by migrations only.',
  },
  {
    selector: 'CallExpression[callee.property.name=/^(createQueryBuilder|getRepository)$/]',
    message:
      'A query builder without where() empties a table: write the statement with its whole predicate, by sql().',
  },
  {
    selector:
      'CallExpression[callee.property.name=/^(clear|delete|find|insert|remove|save|soft|update|upsert)/]:matches([callee.object.name=/manager$/i], [callee.object.property.name=/manager$/i])',
    message:
      'An entity manager takes undefined for everybody: write the statement with its whole predicate, by sql().',
  },
];

const noBull = {
  group: ['bull', 'bull/*', '@nestjs/bull'],
  message: 'Bull is known to erasure/queue alone.',
};
const noEnvironment = ['process', 'node:process'].map((name) => ({
  name,
  importNames: ['env', 'default'],
  message: 'Only src/config reads the environment.',
}));

/** @param other regular expressions of rooms, and what is wrong with them */
function imports(files, { bull = false, environment = false, others = [] }) {
  return {
    files,
    ignores: [specs],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: environment ? [] : noEnvironment, patterns: [...others, ...(bull ? [] : [noBull])] },
      ],
      'no-restricted-syntax': [
        'error',
        ...never,
        ...others.map(({ regex, message }) => ({
          selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\/')}/]`,
          message,
        })),
      ],
    },
  };
}

const importDirections = rooms.map((room) => {
  const forbidden = rooms.filter((other) => other !== room && !below[room].includes(other));
  const others = [
    {
      regex: `^(\\.{1,2}/)+(${[...forbidden, 'cli'].join('|')}|main|app\\.module)(/|\\.js$)`,
      message: `src/${room} must not import this room: imports run one way (ARCHITECTURE.md).`,
    },
    {
      regex: `^(\\.{1,2}/)+(${rooms.filter((other) => other !== room).join('|')})/(.*/)?[^/]+\\.(entity|repository)\\.js$`,
      message: 'Entities and repositories stay in their room; use the service it exports.',
    },
  ];
  return { room, others };
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
      'no-restricted-syntax': ['error', ...never],
    },
  },
  { files: ['src/config/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['test/**/*.ts', '**/*.spec.ts', 'bench/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    // What services usually do, which is what the bench compares with.
    files: ['bench/contestants/orm-person.ts', 'bench/contestants/typeorm-loop.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  imports(['src/*.ts', 'src/cli/**/*.ts'], {}),
  ...importDirections.map(({ room, others }) =>
    imports([`src/${room}/**/*.ts`], { others, environment: room === 'config' }),
  ),
  imports(['src/erasure/queue/**/*.ts'], {
    others: importDirections.find(({ room }) => room === 'erasure').others,
    bull: true,
  }),
);
