import { register } from 'node:module';

// Jest loads its global setup outside its own TypeScript: the services are started by the same code as in production.
register('@swc-node/register/esm', import.meta.url);
const { startServices } = await import('./services.ts');

export default startServices;
