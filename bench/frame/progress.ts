/** Since the process of the bench began, whole seconds. */
export function secondsSoFar(): number {
  return Math.round(performance.now() / 1000);
}

/** Tells people how far the bench is. Standard output stays free for the result. */
export function progress(text: string): void {
  const seconds = (performance.now() / 1000).toFixed(1).padStart(7);
  process.stderr.write(`${seconds} s  ${text}\n`);
}
