// SPDX-License-Identifier: MIT
/**
 * Hosts in a row, through which packets of a generator go to a sink, and what that costs a packet.
 *
 *     g g0 ─── in0 host 0 next ─── prev host 1 next ─── … prev host n sink     leg i: 192.0.(2 + i).1 to .2
 *
 * 110-byte UDP from pktgen in g, taken by a dummy device behind the last host.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { withNetns } from '../../native/netns.ts'
import { connect, Netns } from '../../test/support/netns.ts'

const packets = 20_000

/** Where the packets come from and where they go. */
export const [source, destination] = ['198.18.0.0/16', '198.19.0.0/16']

export class Chain {
  private readonly generator = new Netns('g')
  readonly hosts: readonly Netns[]

  constructor(length: number) {
    this.hosts = Array.from({ length }, (_, i) => new Netns(`host${i}`))
    connect(
      { ns: this.generator, dev: 'g0', addresses: ['198.18.0.2/16'] },
      { ns: this.first, dev: 'in0', addresses: ['198.18.0.1/16'] },
    )
    for (const [i, ns] of this.hosts.entries()) {
      const zero = ['all', 'default'].flatMap((name) =>
        ['rp_filter', 'send_redirects'].map((key) => `net.ipv4.conf.${name}.${key}=0`),
      )
      ns.run('sysctl', '-qw', 'net.ipv4.ip_forward=1', ...zero)
      const next = this.hosts[i + 1]
      if (next === undefined) continue
      connect(
        { ns, dev: 'next', addresses: [`${underlay(i).near}/24`] },
        { ns: next, dev: 'prev', addresses: [`${underlay(i).far}/24`] },
      )
    }
    this.last.run('ip', 'link', 'add', 'sink', 'type', 'dummy')
    this.last.run('ip', 'link', 'set', 'sink', 'up')
    this.last.run('ip', 'addr', 'add', '198.19.0.1/16', 'dev', 'sink')
    this.last.run('ip', 'neigh', 'add', '198.19.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'sink')
  }

  /** The legs between two hosts: 0 to one less than there are hosts. */
  get legs(): readonly { readonly leg: number; readonly near: Netns; readonly far: Netns }[] {
    return this.hosts.slice(1).map((far, leg) => ({ leg, near: this.hosts[leg] as Netns, far }))
  }

  /**
   * Sends the packets on from every host to the next one: through the devices named, one for each leg, with
   * `overlay(number, leg)` at their ends, or as they are.
   */
  route(through?: { readonly number: number; readonly devices: readonly string[] }): void {
    for (const { leg, near } of this.legs) {
      const dev = through?.devices[leg] ?? 'next'
      const via = through === undefined ? underlay(leg).far : overlay(through.number, leg).far
      near.run('ip', 'route', 'replace', destination, 'via', via, 'dev', dev, 'onlink')
      near.try('ping', '-c1', '-W2', via)
    }
  }

  /** Virtual nanoseconds a packet, which are instructions: the lesser of two runs. Null: not all arrived. */
  measure(): number | null {
    this.send() // fills the caches
    return least(this.send(), this.send())
  }

  dispose(): void {
    for (const ns of [this.generator, ...this.hosts]) ns.dispose()
  }

  private get first(): Netns {
    return this.hosts[0] as Netns
  }

  private get last(): Netns {
    return this.hosts.at(-1) as Netns
  }

  private send(): number | null {
    const mac: string = JSON.parse(this.first.run('ip', '-j', 'link', 'show', 'in0'))[0].address
    const arrived = (): number =>
      JSON.parse(this.last.run('ip', '-s', '-j', 'link', 'show', 'sink'))[0].stats64.tx.packets
    const before = arrived()
    const microseconds = withNetns(this.generator.path, () => {
      const control = '/proc/net/pktgen'
      writeFileSync(`${control}/kpktgend_0`, 'rem_device_all\n')
      writeFileSync(`${control}/kpktgend_0`, 'add_device g0\n')
      const settings = [
        ...[`count ${packets}`, 'clone_skb 0', 'pkt_size 110', 'delay 0', 'dst 198.19.0.2', `dst_mac ${mac}`],
        ...['src_min 198.18.0.2', 'src_max 198.18.0.2', 'udp_src_min 9', 'udp_src_max 9'],
      ]
      for (const setting of settings) writeFileSync(`${control}/g0`, `${setting}\n`)
      writeFileSync(`${control}/pgctrl`, 'start\n')
      return Number(/OK: (\d+)/.exec(readFileSync(`${control}/g0`, 'utf8'))?.[1])
    })
    const delivered = arrived() - before
    if (delivered >= packets) return Math.round((microseconds * 1000) / packets)
    console.error(`${delivered} of ${packets} packets arrived`)
    return null
  }
}

/** Of two measurements; null: none. What a machine does beside is counted, too, and never makes one less. */
export function least(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

/** The addresses at the two ends of a leg. */
export const underlay = (leg: number) => ({ near: `192.0.${2 + leg}.1`, far: `192.0.${2 + leg}.2` })

/** The inner addresses there; `number`: of the kind of tunnel, so that no two share what the kernel remembers. */
export const overlay = (number: number, leg: number) => ({
  near: `10.${number}.${leg}.1`,
  far: `10.${number}.${leg}.2`,
})
