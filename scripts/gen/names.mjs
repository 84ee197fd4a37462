// SPDX-License-Identifier: MIT
/**
 * Words for the numbers of the link type's attributes, for the plugin of `ip`: one table for each enumeration that
 * they have, by value, and one for each set nested in them, by attribute.
 */
import { comment, lower, written } from './c.mjs'

export function linkNames(spec) {
  const { attributes } = spec.sets.find(({ name }) => name === 'link')
  const enums = attributes.flatMap((each) => each.enum ?? [])
  const nested = attributes.flatMap((each) => each.nested ?? [])
  const guard = 'LVN_NAMES_GEN_H'
  return `${[
    '/* SPDX-License-Identifier: GPL-2.0 */',
    comment('Words for what the attributes of the link type say.', written),
    `#ifndef ${guard}\n#define ${guard}`,
    ...enums.map((of) =>
      table(
        spec,
        of.name,
        of.entries.map(({ name }, value) => [value, name]),
      ),
    ),
    ...nested.map((set) =>
      table(
        spec,
        set.name,
        set.attributes.flatMap(({ name, type }, index) => (type === 'pad' ? [] : [[index + 1, name]])),
      ),
    ),
    '#endif',
  ].join('\n\n')}\n`
}

function table(spec, name, entries) {
  return [
    `static const char *const ${lower(spec.name)}_${lower(name)}_names[] = {`,
    ...entries.map(([number, text]) => `\t[${number}] = "${text}",`),
    '};',
  ].join('\n')
}
