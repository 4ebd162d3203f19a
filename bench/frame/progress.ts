const began = performance.now();

/** Tells people how far the bench is. Standard output stays free for the result. */
export function progress(text: string): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(7);
  process.stderr.write(`${seconds} s  ${text}\n`);
}
