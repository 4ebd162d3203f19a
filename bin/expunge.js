#!/usr/bin/env node
import('../dist/cli.js').then(
  (cli) => cli.run(process.argv),
  (error) =>
    error.code === 'ERR_MODULE_NOT_FOUND' && /dist.cli\.js/.test(error.message)
      ? (console.error('expunge is not built yet: run  npm ci && npm run build'), process.exit(1))
      : Promise.reject(error),
);
