// SPDX-License-Identifier: MIT
/**
 * Every message of the language, one function per code. LVN1xxx: the text cannot be read as a file of the
 * language. LVN2xxx: it can, but what it says cannot be. Codes are stable; a retired one is not used again.
 * The only place where sentences for users of the language are written; it finds nothing out by itself.
 */
export * from './catalogue-evaluation.ts'
export * from './catalogue-meaning.ts'
export * from './catalogue-policy.ts'
export * from './catalogue-statements.ts'
export * from './catalogue-syntax.ts'
