import { readFile } from 'node:fs/promises';

/** The fenced blocks of a document in one language that contain a text, so that what readers copy is what is tested. */
export async function blocksOf(path: string, language: string): Promise<(containing: string) => string> {
  const document = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
  const fences = [...document.matchAll(/^```(\w*)\n([^]*?)^```$/gm)];
  const blocks = fences.flatMap(([, name, text = '']) => (name === language ? [text] : []));
  return (containing) => {
    const [block, second] = blocks.filter((text) => text.includes(containing));
    if (block === undefined || second !== undefined)
      throw new Error(`${path} has not exactly one block of ${language} with: ${containing}`);
    return block;
  };
}
