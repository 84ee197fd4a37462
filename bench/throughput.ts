// SPDX-License-Identifier: MIT
/**
 * TCP throughput through a tunnel against the plain veth below it, in turn, on this machine.
 *
 *     npx tsx bench/throughput.ts [--rounds 5] [--seconds 3] [--json]
 *
 * The quotient of each round is of one run; the median of the rounds is the figure to quote.
 */
import { parseArgs } from 'node:util'
import { openEbpfPlane } from '../native/ebpf/plane.ts'
import { connect, Netns, until } from '../test/support/netns.ts'
import {
  add,
  applyAll,
  device,
  endpoint,
  type OpenPlane,
  reaches,
  tunnel,
} from '../test/support/plane-world.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})

const outers = {
  'v4 in v4': { underlay: ['192.0.2.1', '192.0.2.2'], inner: '10.64.0.2', overhead: 28 },
  'v4 in v6': { underlay: ['2001:db8::1', '2001:db8::2'], inner: '10.64.0.2', overhead: 48 },
  'v6 in v4': { underlay: ['192.0.2.1', '192.0.2.2'], inner: 'fd42::2', overhead: 28 },
  'v6 in v6': { underlay: ['2001:db8::1', '2001:db8::2'], inner: 'fd42::2', overhead: 48 },
} as const

const open: OpenPlane = () => openEbpfPlane()
const median = (figures: readonly number[]) =>
  [...figures].sort((a, b) => a - b)[figures.length >> 1] as number

async function measure(name: keyof typeof outers) {
  const { underlay, inner, overhead } = outers[name]
  const [a, b] = [new Netns('a'), new Netns('b')]
  try {
    connect(
      { ns: a, dev: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
      { ns: b, dev: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
    )
    for (const [i, ns] of [a, b].entries()) {
      applyAll(ns, open, [
        add.device(device('lvn0', 'fixed', 1500 - overhead, 'eth0'), 1),
        add.tunnel(tunnel('peer', endpoint(underlay[i] as string), endpoint(underlay[1 - i] as string))),
      ])
      ns.run('ip', 'addr', 'add', `10.64.0.${i + 1}/24`, 'dev', 'lvn0')
      ns.run('ip', 'addr', 'add', `fd42::${i + 1}/64`, 'dev', 'lvn0', 'nodad')
    }
    await reaches(a, inner)
    b.start('iperf3', ['-s'], { stdio: 'ignore' })
    await until('iperf3 listens', () => b.run('ss', '-ltn').includes(':5201'))
    const rounds = []
    for (let i = 0; i < Number(values.rounds); i++) {
      const plain = await bitsPerSecond(a, underlay[1])
      const tunnelled = await bitsPerSecond(a, inner)
      rounds.push({ plain, tunnelled, ratio: tunnelled / plain })
    }
    return rounds
  } finally {
    a.dispose()
    b.dispose()
  }
}

async function bitsPerSecond(from: Netns, to: string): Promise<number> {
  const ran = await until('iperf3 measured', () => {
    const attempt = from.try('iperf3', '-c', to, '-t', values.seconds, '-J')
    return attempt.status === 0 ? attempt.stdout : ''
  })
  return JSON.parse(ran).end.sum_received.bits_per_second
}

const report: Record<string, unknown> = {}
for (const name of Object.keys(outers) as (keyof typeof outers)[]) {
  const rounds = await measure(name)
  const ratio = median(rounds.map((round) => round.ratio))
  report[name] = { ratio, rounds }
  if (values.json) continue
  const gbit = (bits: number) => (bits / 1e9).toFixed(2)
  const plain = gbit(median(rounds.map((round) => round.plain)))
  const tunnelled = gbit(median(rounds.map((round) => round.tunnelled)))
  console.log(`${name}: ${tunnelled} of ${plain} Gbit/s, median ratio ${ratio.toFixed(2)}`)
}
if (values.json) console.log(JSON.stringify(report, null, 2))
