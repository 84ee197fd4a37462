// SPDX-License-Identifier: MIT
/**
 * Survivors that are right to survive, each with its reason. `line` is the source line, trimmed, or a pattern of it;
 * `to` what it was mutated into, left out where every mutant of the line is meant. One that explains nothing any more
 * is reported.
 */
export const explained = []
