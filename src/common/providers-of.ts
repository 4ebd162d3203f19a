import { type ModulesContainer } from '@nestjs/core';

/** Every provider of these modules that extends `type`, once. */
export function providersOf<T>(
  modules: ModulesContainer,
  type: abstract new (...parameters: never[]) => T,
): readonly T[] {
  const instances = [...modules.values()].flatMap((module) =>
    [...module.providers.values()].map((provider): unknown => provider.instance),
  );
  return [...new Set(instances)].filter((instance): instance is T => instance instanceof type);
}
