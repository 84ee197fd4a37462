// SPDX-License-Identifier: MIT
/**
 * Survivors that are right to survive, each with its reason. `line` is the source line, trimmed, or a pattern of it;
 * `to` what it was mutated into, left out where every mutant of the line is meant. One that explains nothing any more
 * is reported.
 */
export const explained = [
  {
    file: 'native/host/alias.ts',
    line: 'if (slash < 0) return null',
    to: 'slash <= 0',
    reason: 'the first character is of the prefix',
  },
  {
    file: 'native/host/filter/decode.ts',
    line: '.flatMap(({ elem }) => elem ?? [])',
    to: '["Stryker was here"]',
    reason: 'text in place of a bare value has no comment either',
  },
  {
    file: 'native/host/filter/decode.ts',
    line: 'const [, list] = listNumber.exec(targetOf(verdict)) ?? []',
    to: '["Stryker was here"]',
    reason: 'the first of a match is not asked for',
  },
  {
    file: 'native/host/filter/decode.ts',
    line: "return (verdict.goto as { target?: string } | undefined)?.target ?? ''",
    to: '"Stryker was here!"',
    reason: 'no chain of ours has this name either',
  },
  {
    file: 'native/host/filter/decode.ts',
    line: 'const others: string[] = []',
    to: '["Stryker was here"]',
    reason: 'shapes are only compared with each other',
  },
  {
    file: 'native/kmod/codec.ts',
    line: /^export function (put|get)U16/,
    reason: 'the family has no attribute of 16 bits in host order yet; the generator knows the type',
  },
  {
    file: 'native/kmod/codec.ts',
    line: 'const [low, high] = little ? [0, 4] : [4, 0]',
    to: '[]',
    reason: 'the order of a big-endian machine, which no test runs on',
  },
  {
    file: 'native/kmod/tables.ts',
    line: ".map((rule) => ruleSpec(link.name, rule, byId.get(rule.tunnel ?? 0) ?? ''))",
    to: '"Stryker was here!"',
    reason: 'the kernel has no rule without a tunnel; the name only has to be none',
  },
  {
    file: 'native/kmod/tables.ts',
    line: /^\(prefix, item\): Step => /,
    reason: 'rules that go are the last of a batch that is taken back: nothing asks for their inverse',
  },
  {
    file: 'native/kmod/tables.ts',
    line: "underlay: this.ifindexes.get(spec.underlay ?? '') ?? 0,",
    to: '"Stryker was here!"',
    reason: 'no interface has this name either',
  },
  {
    file: 'native/kmod/tables.ts',
    line: 'const made: Step[] = []',
    reason: 'text has no item, so it is never taken back',
  },
  {
    file: 'native/kmod/tables.ts',
    line: "...{ peersBy: 'local endpoint', control: true, isUnderlay: (name) => ifindexes.has(name) },",
    to: '""',
    reason: 'the types have one other value, and all that is not that one is this',
  },
  {
    file: 'native/kmod/tables.ts',
    line: /ruleRequest\('add', command\.ruleNew, prefix, before\.id\)/,
    to: '""',
    reason: 'a word of the sentence for a refusal, and refusals are not read when something is taken back',
  },
  {
    file: 'native/kmod/userdata.ts',
    line: /^if \((bytes === undefined|typeof (data|value) !== 'object' \|\| (data|value) === null)\)/,
    reason: 'what has no properties throws or has none of the right ones; the line spares that for the types',
  },
  {
    file: 'native/netlink/bytes.ts',
    line: /\blittle\b/,
    to: 'true',
    reason: 'the order of a big-endian machine, which no test runs on',
  },
  {
    file: 'native/netlink/bytes.ts',
    line: /^if \(this\.length > this\.buffer\.length\)|^Math\.max\(this\.length, /,
    reason: 'how early and how far the buffer grows shows in its speed alone',
  },
  {
    file: 'native/netlink/link.ts',
    line: /^function writeHeader\(/,
    to: '{}',
    reason: 'what is not there is written as 0',
  },
  {
    file: 'native/netlink/route-filter.ts',
    line: /^(function startOf\(|if \(length === 0\) return 0|for \(let i = at; i < at \+ 4; |return length >= bitsOf\(4\))/,
    reason: 'nets are found by their first bits for speed; with fewer of them `agree` has more to compare',
  },
  {
    file: 'native/netlink/route-filter.ts',
    line: /^return rest === 0 \|\| /,
    to: 'false',
    reason: 'of no bits none are left after the shift',
  },
  {
    file: 'src/interp/resolve/branches.ts',
    line: 'if (!this.passed.has(body)) this.passed.set(body, { body, condition, env })',
    to: 'true',
    reason: 'the last time does as well as the first: what is looked at has unknown values either way',
  },
  {
    file: 'src/interp/resolve/env.ts',
    line: "names: new Names(env.names, 'values are unknown'),",
    to: '""',
    reason: 'the words are for readers; whether there are any is what counts',
  },
  {
    file: 'src/interp/resolve/functions.ts',
    line: 'ranges.sort((a, b) => (a.start < b.start ? -1 : 1))',
    to: 'a.start <= b.start',
    reason: 'ranges with one start overlap, whichever comes first',
  },
  {
    file: 'src/interp/resolve/names.ts',
    line: 'return this.veiled && named !== undefined ? { value: undefined, span: named.span } : named',
    to: '{}',
    reason: 'this has no value either, and the place of a veiled name is never asked for',
  },
  {
    file: 'src/interp/resolve/names.ts',
    line: /\?\? \[\]/,
    to: '["Stryker was here"]',
    reason: 'a name that no file gives, and no word is near to',
  },
  {
    file: 'src/interp/resolve/value.ts',
    line: "boolean: '`true` or `false`',",
    to: '""',
    reason: 'no function takes one, and one that is found is named by its value; the types want a name',
  },
  {
    file: 'src/interp/resolve/value.ts',
    line: /replace\(\/\^an\? \//,
    to: '/an? /',
    reason: 'each name of a kind starts with its only article',
  },
  {
    file: 'src/interp/resolve/value.ts',
    line: /^return port === null \? text/,
    to: 'false',
    reason: 'an endpoint that is a value has its port, or it would be an address or a name',
  },
  {
    file: 'src/interp/resolve/values.ts',
    line: 'if (at !== null) {',
    to: 'true',
    reason: 'times of which none is written are those above, which have been checked; the types do not know',
  },
]
