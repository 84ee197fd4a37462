// SPDX-License-Identifier: MIT
/**
 * The UAPI header: numbers of commands and attributes, enumerations, limits, with kernel-doc.
 */
import {
  attributeMax,
  attributeName,
  commandName,
  comment,
  constName,
  entryName,
  kernelDoc,
  lower,
  memberComment,
  upper,
  written,
} from './c.mjs'

export function uapiHeader(spec) {
  const guard = `_UAPI_LINUX_${upper(spec.name)}_H`
  return `${[
    '/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */',
    comment(spec.doc, written),
    `#ifndef ${guard}\n#define ${guard}`,
    names(spec),
    ...spec.consts.map((each) => `${comment(each.doc)}\n#define ${constName(spec, each.name)} ${each.value}`),
    ...spec.enums.map((of) => enumeration(spec, of)),
    ...spec.sets.filter(({ subsetOf }) => subsetOf === null).map((set) => attributes(spec, set)),
    commands(spec),
    `#endif /* ${guard} */`,
  ].join('\n\n')}\n`
}

function names(spec) {
  const prefix = upper(spec.name)
  return [
    `#define ${prefix}_FAMILY_NAME "${spec.name}"`,
    `#define ${prefix}_FAMILY_VERSION ${spec.version}`,
    ...spec.groups.map(({ name }) => `#define ${prefix}_MCGRP_${upper(name)} "${name}"`),
  ].join('\n')
}

function enumeration(spec, of) {
  const members = of.entries.map((entry) => [entryName(spec, of, entry), entry.doc])
  const max = `__${constName(spec, of.name)}_MAX`
  const title = `enum ${lower(spec.name)}_${lower(of.name)}`
  return [
    kernelDoc(title, of.doc, members),
    `${title} {`,
    ...members.map(([name]) => `\t${name},`),
    '',
    '\t/* private: */',
    `\t${max},`,
    `\t${max.slice(2)} = ${max} - 1,`,
    '};',
  ].join('\n')
}

function attributes(spec, set) {
  const members = set.attributes.map((each) => [attributeName(set, each), described(spec, each)])
  const max = `__${attributeMax(set)}`
  // Without a name, as usual for attributes: they are passed as plain numbers.
  return [
    memberComment(set.doc, members),
    'enum {',
    ...members.map(([name], index) => (index === 0 ? `\t${name} = 1,` : `\t${name},`)),
    '',
    '\t/* private: */',
    `\t${max},`,
    `\t${max.slice(2)} = ${max} - 1,`,
    '};',
  ].join('\n')
}

function described(spec, attribute) {
  if (attribute.type === 'pad') return 'Alignment of 64-bit values.'
  const type = [
    attribute.bigEndian ? `be${attribute.bits}` : attribute.type,
    ...(attribute.enum === null ? [] : [`of enum ${lower(spec.name)}_${lower(attribute.enum.name)}`]),
    ...(attribute.nested === null ? [] : [`of ${upper(attribute.nested.prefix)}*`]),
    ...(attribute.multi ? ['any number of times'] : []),
  ].join(', ')
  return `${attribute.doc} (${type})`
}

function commands(spec) {
  const members = spec.operations.map((each) => [commandName(spec, each), each.doc])
  const prefix = upper(spec.name)
  const max = `__${prefix}_CMD_MAX`
  return [
    kernelDoc(`enum ${lower(spec.name)}_cmd`, 'Commands and notifications.', members),
    `enum ${lower(spec.name)}_cmd {`,
    ...members.map(([name], index) => (index === 0 ? `\t${name} = 1,` : `\t${name},`)),
    '',
    '\t/* private: */',
    `\t${max},`,
    `\t${max.slice(2)} = ${max} - 1,`,
    '};',
  ].join('\n')
}
