// SPDX-License-Identifier: MIT
/**
 * A file and what it imports: the names that it gives, the overlays and expectations that it holds. Part of
 * phase 1. Each file once, however often it is imported.
 */
import type * as ast from '../../../grammar/ast.ts'
import { unusedParameter } from '../../diag/catalogue.ts'
import type { Branches } from './branches.ts'
import type { Budget, Env } from './env.ts'
import type { OverlayPart } from './expand-overlay.ts'
import type * as flat from './flat.ts'
import { flatten } from './flatten.ts'
import { Names } from './names.ts'
import { fillName } from './slots.ts'
import type { Report } from './values.ts'
import { checkAssertion, walk } from './walk.ts'

/** The file that an `import` names; absent where it could not be read, which has been reported. */
export type Imports = ReadonlyMap<ast.Import, ast.AstFile>

export class Files {
  readonly overlays: OverlayPart[] = []
  readonly expects: flat.Expect[] = []
  /** An overlay may be missing because a part of a file could not be read or worked out. */
  damaged = false
  /** In the order in which they were read, imported ones first. */
  readonly read = new Map<ast.AstFile, Names>()
  private readonly imports: Imports
  private readonly report: Report
  private readonly budget: Budget
  private readonly branches: Branches<Env>

  constructor(imports: Imports, report: Report, budget: Budget, branches: Branches<Env>) {
    this.imports = imports
    this.report = report
    this.budget = budget
    this.branches = branches
  }

  /** Precondition: no file imports itself, be it through others. */
  add(file: ast.AstFile): Names {
    const known = this.read.get(file)
    if (known !== undefined) return known
    const names = new Names()
    const { report, budget, branches } = this
    const env: Env = { names, notes: [], report, budget, branches }
    for (const statement of file.body.statements) {
      if (statement.kind === 'template') this.template(statement, env)
    }
    walk(file.body, env, {
      statement: (statement, inner) => this.statement(statement, inner),
      assertion: checkAssertion,
      damaged: () => {
        this.damaged = true
      },
    })
    this.read.set(file, names)
    return names
  }

  private statement(statement: Exclude<ast.Statement, ast.Control>, env: Env): void {
    if (statement.kind === 'overlay') {
      const name = fillName(statement.name, env)
      if (name === undefined) this.damaged = true
      else this.overlays.push({ block: statement, name, env })
    } else if (statement.kind === 'expect') {
      const expect = flatten(statement, env) as flat.Expect | undefined
      if (expect !== undefined) this.expects.push(expect)
    } else if (statement.kind === 'import') {
      const file = this.imports.get(statement)
      if (file === undefined) {
        this.damaged = true
        env.names.damage()
      } else env.names.adopt(this.add(file), statement.span, env.report)
    }
  }

  private template(template: ast.Template, env: Env): void {
    env.names.defineTemplate(template, env.report)
    if (template.body.damaged) return
    const used = usedNames(template.body)
    for (const { text, span } of template.parameters ?? []) {
      if (!used.has(text)) env.report(unusedParameter(span, text))
    }
  }
}

/** Every name that is used as a value somewhere in a tree. */
function usedNames(tree: unknown, used = new Set<string>()): Set<string> {
  if (typeof tree === 'object' && tree !== null) {
    const node = tree as { readonly kind?: string; readonly text?: string; readonly name?: string }
    if (node.kind === 'reference') used.add(node.text as string)
    else if (node.kind === 'interpolation') used.add(node.name as string)
    for (const [key, part] of Object.entries(tree)) {
      if (key !== 'span' && key !== 'trivia') usedNames(part, used)
    }
  }
  return used
}
