/**
 * Erasing gently, transactions last a quarter of what they do at full speed. What a chat on the same tables waits for is the
 * write-ahead log of a whole transaction and the core that it takes: on a slow disk twice as long a rest helps it less than
 * transactions of half the length (bench/where-the-time-goes.md).
 */
export const gentleness = 4;
