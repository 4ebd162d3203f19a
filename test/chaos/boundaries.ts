import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';

/** What the code of src/erasure says about where it commits. */
export interface Boundaries {
  /** Words that name a transaction or a moment, each as often as it is named in a call. */
  readonly named: readonly string[];
  /** `file:line` of what commits without any test being able to crash it there. */
  readonly unnamed: readonly string[];
}

const WRITES = /\b(INSERT INTO|UPDATE \w+\.|DELETE FROM)/;

/** Reads every source file below a directory. */
export async function boundariesIn(directory: string): Promise<Boundaries> {
  const named: string[] = [];
  const unnamed: string[] = [];
  for (const name of await readdir(directory, { recursive: true })) {
    if (!/(?<!\.spec)\.ts$/.test(name)) continue;
    const text = await readFile(join(directory, name), 'utf8');
    const found = boundariesOf(ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true));
    named.push(...found.named);
    unnamed.push(...found.unnamed);
  }
  return { named, unnamed };
}

export function boundariesOf(file: ts.SourceFile): Boundaries {
  const named: string[] = [];
  const unnamed: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      if (
        /(^|\.)(inTransaction|inOneStatement|fenced|chunk|reachFaultPoint)$/.test(node.expression.getText())
      )
        named.push(...node.arguments.filter(ts.isStringLiteral).map(({ text }) => text));
      if (commitsUnnamed(node))
        unnamed.push(`${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { named, unnamed };
}

function commitsUnnamed(call: ts.CallExpression): boolean {
  const callee = call.expression.getText();
  // What only reads may go unnamed: no crash can leave half of it behind.
  if (callee === 'inTransaction')
    return (
      WRITES.test(call.getSourceFile().text) &&
      call.arguments.some(({ kind }) => kind === ts.SyntaxKind.NullKeyword)
    );
  if (/\.(transaction|startTransaction|createQueryRunner)$/.test(callee)) return true;
  // A writing statement outside a transaction commits by itself.
  const [manager, text] = call.arguments;
  return (
    callee === 'sql' &&
    manager !== undefined &&
    /dataSource\.manager$/.test(manager.getText()) &&
    WRITES.test(text?.getText() ?? '') &&
    !/reachFaultPoint\(/.test(functionAround(call).getText())
  );
}

function functionAround(node: ts.Node): ts.Node {
  let around: ts.Node = node;
  while (!ts.isFunctionLike(around) && !ts.isSourceFile(around)) around = around.parent;
  return around;
}
