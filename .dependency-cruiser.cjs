// SPDX-License-Identifier: MIT
/**
 * Who may import whom. One rule for each sentence; `npm run check` enforces them.
 */
'use strict'

/** A part of the house, and the parts that it may import besides itself. */
const mayImport = {
  'src/diag': [],
  'src/model': ['src/diag'],
  grammar: ['src/diag'],
  'src/interp': ['grammar', 'src/model', 'src/diag'],
  native: ['src/model', 'src/diag'],
  'src/primitives': ['src/model', 'src/diag'],
  'src/agent/core': ['src/model', 'src/diag', 'src/agent/wire'],
  'src/agent/wire': ['src/model', 'src/diag'],
  'src/agent/io': ['src/agent/core', 'src/agent/wire', 'src/pki', 'src/model', 'src/diag', 'native'],
  'src/pki': ['src/diag'],
  'src/text': [],
  'src/report': ['src/text'],
  'src/graph': ['src/text', 'src/model', 'src/diag'],
  'src/lsp': ['grammar', 'src/interp', 'src/model', 'src/diag'],
  'src/lab': ['native', 'src/interp', 'src/model', 'src/diag'],
}

const parts = Object.entries(mayImport).map(([part, others]) => ({
  name: `${part.replaceAll('/', '-')}-imports`,
  comment: `${part} may import ${others.length === 0 ? 'nothing of ours' : others.join(', ')}`,
  severity: 'error',
  from: { path: `^${part}/` },
  to: { path: '^(grammar|native|src)/', pathNot: `^(${[part, ...others].join('|')})/` },
}))

const phases = [1, 2, 3, 4, 5].map((phase) => ({
  name: `phase-${phase}-downward`,
  comment: 'numbered phases import downward only',
  severity: 'error',
  from: { path: `^src/interp/${phase}-` },
  to: { path: `^src/interp/([${phase + 1}-6]-|index\\.ts$)` },
}))

module.exports = {
  forbidden: [
    ...parts,
    ...phases,
    {
      name: 'interp-knows-no-parser',
      comment: 'interp takes the AST, and the table of which statements there are; never the parser',
      severity: 'error',
      from: { path: '^src/interp/' },
      to: { path: '^grammar/', pathNot: '^grammar/places[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-the-shell',
      severity: 'error',
      from: { path: '^(grammar|native|src)/', pathNot: '^src/shell/' },
      to: { path: '^src/shell/' },
    },
    {
      name: 'faces-stay-apart',
      comment: 'cli and tui are two faces: neither is made of the other',
      severity: 'error',
      from: { path: '^src/shell/cli/' },
      to: { path: '^src/shell/tui/' },
    },
    {
      name: 'native-alone-loads-the-addon',
      comment: 'only native touches the kernel; the lab, which makes test networks, closes its descriptors',
      severity: 'error',
      from: { pathNot: '^(native|src/lab|test|bench)/' },
      to: { path: '^native/addon/' },
    },
    {
      name: 'agent-io-alone-opens-network-sockets',
      severity: 'error',
      from: { path: '^(grammar|native|src)/', pathNot: '^src/agent/io/' },
      to: { path: '^(node:)?(net|tls|dgram|http|https|http2)$', dependencyTypes: ['core'] },
    },
    {
      name: 'pure-parts',
      comment:
        'grammar, diag, model, text, report, graph and the agent core know no files, processes or clocks of the system',
      severity: 'error',
      from: { path: '^(grammar|src/diag|src/model|src/text|src/report|src/graph|src/agent/core)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(util|crypto|buffer)$' },
    },
    {
      name: 'product-knows-no-tests',
      severity: 'error',
      from: { path: '^(grammar|native|src)/' },
      to: { path: '^(test|bench|scripts|examples)/' },
    },
    {
      name: 'product-needs-no-development-modules',
      severity: 'error',
      from: { path: '^(grammar|native|src)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphans',
      comment: 'a module that nobody imports is dead, unless it is an entry',
      severity: 'error',
      from: { orphan: true, path: '^(grammar|native|src)/', pathNot: '^src/shell/(cli|tui)/main\\.ts$' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
