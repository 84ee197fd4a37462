// SPDX-License-Identifier: MIT
/**
 * Finds calls that take a list apart into arguments where one does for it: `push(...list)`, `Math.max(...list)`. Arguments
 * lie on the stack, and a list whose length a file or a kernel decides does not fit there.
 */
import ts from 'typescript'

const lists = new Set(['push', 'unshift', 'splice', 'concat', 'min', 'max', 'fromCharCode', 'fromCodePoint'])

/** `path:line: what` for each. */
export function spreadArguments(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found = []
  const visit = (node) => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { name } = node.expression
      if (lists.has(name.text) && node.arguments.some(ts.isSpreadElement)) {
        const { line } = file.getLineAndCharacterOfPosition(name.getStart())
        found.push(`${path}:${line + 1}: ${name.text}(...list) puts a list of any length on the stack`)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}
