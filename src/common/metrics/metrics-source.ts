/**
 * Something that has numbers for Prometheus. `/metrics` asks every provider that extends this class, whatever module it
 * stands in: providing it is all there is to do. No label ever says whose: no account, no person, nothing that a caller wrote.
 */
export abstract class MetricsSource {
  /** In Prometheus' text format; empty for what can't be told now. Never rejects. */
  abstract text(): Promise<string>;
}
