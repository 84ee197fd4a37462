// SPDX-License-Identifier: MIT
/**
 * What each word of the language means, in a line or two: the text of hovers and completions. The reference is
 * docs/language.md; a test holds the two together.
 */
import type { Keyword } from '../../grammar/tokens.ts'

export interface Meaning {
  /** How it is written. */
  readonly usage: string
  readonly text: string
  /** Markdown. Absent: there is none, or it must be written. */
  readonly default?: string
}

/** Words that start a statement. */
export const keywordMeanings: Readonly<Record<Keyword, Meaning>> = {
  lvn: {
    usage: 'lvn 1',
    text: 'The version of the language: the first statement of every file.',
  },
  overlay: {
    usage: 'overlay NAME { … }',
    text: 'One overlay: its networks, its hubs and its spokes. A file may hold several.',
  },
  net: {
    usage: 'net PREFIX, …',
    text: "The overlay's networks: every address and route in it must be within one of them.",
  },
  port: {
    usage: 'port N',
    text: 'The UDP port where none is written. In a node: the port of its own socket, and the default of its `listen` or `endpoint`.',
    default: '`50000`',
  },
  keepalive: {
    usage: 'keepalive every D, dead after D',
    text: 'How often an idle tunnel is kept alive, and when a silent peer counts as dead. Either part may be left out.',
    default: '`every 20s, dead after 90s`',
  },
  hub: { usage: 'hub NAME { … }', text: 'A node that spokes are joined to.' },
  spoke: { usage: 'spoke NAME { … }', text: 'A node that is joined to a hub.' },
  match: {
    usage: 'match hostname NAME, …',
    text: 'The hosts on which `lvn apply` takes itself to be this node.',
  },
  listen: {
    usage: 'listen ENDPOINT, …',
    text: 'The underlay addresses and ports where spokes reach the hub. The port is from `port` where none is written.',
  },
  endpoint: {
    usage: 'endpoint ENDPOINT',
    text: 'Where the spoke is reached in the underlay: an address, a host name, or `nat` (unknown until it is learned). The port is from `port` where none is written.',
  },
  address: { usage: 'address ADDRESS, …', text: "The node's addresses in the overlay." },
  routes: {
    usage: 'routes PREFIX, …',
    text: 'Networks behind the node, in the nets or outside: `routes 0.0.0.0/0, ::/0` is the internet.',
  },
  device: {
    usage: 'device NAME { … }',
    text: "The node's network interface. The braces may be left out.",
    default: '`lvn0`',
  },
  mtu: {
    usage: 'mtu N',
    text: 'Bytes of the largest inner packet, 576 to 65535 and at least 1280 where the node carries IPv6; `auto` derives it from the underlay.',
    default: '`auto`',
  },
  mode: {
    usage: 'mode multi',
    text: 'Many tunnels chosen by address (`multi`), or one that takes everything (`fixed`).',
    default: 'hub `multi`, spoke `fixed`',
  },
  underlay: {
    usage: 'underlay INTERFACE, …',
    text: "The interfaces where the node's outer packets may arrive, on the eBPF plane.",
    default: 'every one that can carry them',
  },
  via: {
    usage: 'via HUB, …',
    text: 'The hubs that the spoke joins.',
    default: "the overlay's first one",
  },
  prefer: {
    usage: 'prefer HUB',
    text: 'The one of its hubs that the spoke uses while it can.',
    default: 'the first of `via`',
  },
  auth: {
    usage: 'auth mutual',
    text: 'Who proves its identity to whom when a spoke signs on: hub and spoke both (`mutual`), the hub only (`server`), or nobody (`none`).',
    default: '`auth mutual`',
  },
  signalling: {
    usage: 'signalling :PORT { … }',
    text: "Where the hub's signalling agent listens (TCP), and its PEM files.",
  },
  cert: { usage: 'cert file "PATH"', text: "The hub's certificate." },
  key: { usage: 'key file "PATH"', text: "The hub's private key." },
  ca: {
    usage: 'ca file "PATH"',
    text: 'The certificate authority that spokes are checked against.',
  },
  allow: {
    usage: 'allow FROM -> TO',
    text: 'New flows may be opened that way. An end is a node, an address, a prefix or `any`; of several statements that match, the last counts.',
  },
  deny: {
    usage: 'deny FROM -> TO',
    text: 'No new flows may be opened that way; answers pass. An end is a node, an address, a prefix or `any`; of several statements that match, the last counts.',
  },
  expect: {
    usage: 'expect ping FROM -> TO within D',
    text: 'What shall be true once the overlay is up: `ping`, `no ping`, or `throughput FROM -> TO >= RATE`. `lvn lab test` tries it out.',
  },
  on: {
    usage: 'on NODE { … }',
    text: 'More about a node that is written elsewhere: what stands once is replaced, lists add up.',
  },
  template: {
    usage: 'template NAME(PARAMETER, …) { … }',
    text: 'Statements of a node under a name; a node takes them with `from`.',
  },
  import: {
    usage: 'import "FILE"',
    text: 'Takes over the values, templates, overlays and expectations of another file. The path starts from the folder of this one.',
  },
  let: {
    usage: 'let NAME = VALUE',
    text: 'Gives a value its name, from this line to the end of the block.',
  },
  for: {
    usage: 'for NAME in VALUES { … }',
    text: 'The statements once for each value of a range (`1..20`) or a list.',
  },
  if: {
    usage: 'if CONDITION { … } else { … }',
    text: 'The statements only where the condition holds.',
  },
  assert: {
    usage: 'assert CONDITION, "MESSAGE"',
    text: 'The file is wrong unless the condition holds.',
  },
}

/** Words that are values, or join them. */
const wordMeanings: Readonly<Record<string, Meaning>> = {
  nat: {
    usage: 'endpoint nat',
    text: 'The spoke is behind a NAT: where it is reached is learned when it signs on.',
  },
  auto: { usage: 'mtu auto', text: 'The MTU that the underlay leaves room for.' },
  multi: { usage: 'mode multi', text: 'Many tunnels, chosen by the address of each packet.' },
  fixed: { usage: 'mode fixed', text: 'One tunnel that takes everything.' },
  hostname: keywordMeanings.match,
  every: { usage: 'every DURATION', text: 'How often an idle tunnel is kept alive.', default: '`20s`' },
  'dead after': {
    usage: 'dead after DURATION',
    text: 'When a silent peer counts as dead; longer than `every`.',
    default: '`90s`',
  },
  mutual: { usage: 'auth mutual', text: 'Hub and spoke prove their identity to each other.' },
  server: {
    usage: 'auth server',
    text: 'The hub proves its identity to the spoke, not the other way round.',
  },
  none: { usage: 'auth none', text: 'Nobody proves its identity.' },
  any: { usage: 'deny any -> any', text: 'Everybody.' },
  ping: keywordMeanings.expect,
  'no ping': keywordMeanings.expect,
  throughput: { usage: 'expect throughput FROM -> TO >= RATE', text: keywordMeanings.expect.text },
  at: {
    usage: 'listen OUTSIDE at INSIDE',
    text: 'The address and port that the hub itself has, where a NAT in front of it translates.',
  },
  within: { usage: 'within DURATION', text: 'How long the answer may take.' },
  from: { usage: 'spoke NAME from TEMPLATE(ARGUMENT, …)', text: 'Takes the statements of a template.' },
}

/** Undefined for a word that is only a name. */
export function meaningOfWord(word: string): Meaning | undefined {
  return Object.hasOwn(wordMeanings, word) ? wordMeanings[word] : undefined
}

/** Markdown. */
export function meaningText({ usage, text, default: value }: Meaning): string {
  const tail = value === undefined ? '' : `\n\nDefault: ${value}`
  return `\`\`\`lvn\n${usage}\n\`\`\`\n${text}${tail}`
}
