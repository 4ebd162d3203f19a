import { type NestFastifyApplication } from '@nestjs/platform-fastify';

export interface Route {
  readonly method: string;
  /** As the router has it: `/status/:id`, `/docs/*`. */
  readonly url: string;
}

/** Fastify's own route table, read from the tree that it prints. */
export function routesOf(app: NestFastifyApplication): readonly Route[] {
  const path: string[] = [];
  return app
    .getHttpAdapter()
    .getInstance()
    .printRoutes()
    .split('\n')
    .flatMap((line) => {
      const found = /^([│ ├└─]*)(\S*)(?: \(([A-Z, -]+)\))?$/u.exec(line);
      if (found === null) throw new Error(`a line of the route table that is not understood: ${line}`);
      const [, indent = '', segment = '', methods] = found;
      if (segment === '') return [];
      path.splice(indent.length / 4 - 1, Infinity, segment);
      return (methods ?? '')
        .split(', ')
        .filter((method) => method !== '')
        .map((method) => ({ method, url: path.join('') }));
    });
}
