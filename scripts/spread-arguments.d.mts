// SPDX-License-Identifier: MIT
/** Calls such as `push(...list)` in the text of a file, as `path:line: what`. */
export function spreadArguments(path: string, text: string): string[]
