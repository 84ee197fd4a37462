// SPDX-License-Identifier: MIT
/**
 * A kernel in memory, for tests of the interpreter alone: it keeps the `Kernel` contract with the strictness of
 * the real one (what exists cannot be added, what is missing cannot be changed, forwarding switches fan out) and
 * can refuse, or die at, the n-th operation. Real kernels are tested in network namespaces.
 */
import { idOf, routeKey } from '../../src/interp/ids.ts'
import { ipRuleOf, routeOf } from '../../src/interp/intended.ts'
import {
  type Address,
  bitsOf,
  familyOf,
  formatEndpoint,
  hostPrefix,
  type Prefix,
  prefixContains,
  prefixLength,
  prefixOf,
} from '../../src/model/address.ts'
import type { FilterSpec, LiveFilter } from '../../src/model/filter.ts'
import {
  aliasPrefix,
  type DataPlane,
  type HostNetwork,
  type HostOperation,
  type Kernel,
  type OperationResult,
  type PlaneOperation,
} from '../../src/model/kernel.ts'
import { isSelective } from '../../src/model/selective.ts'
import {
  type AddressSpec,
  type DeviceSpec,
  type Drops,
  dropReasons,
  type HostInterfaces,
  type HostState,
  type IpRuleSpec,
  type LiveAddress,
  type LiveIpRule,
  type LiveLink,
  type LiveRoute,
  type PlaneState,
  type RouteSpec,
  type RuleSpec,
  type SavedValue,
  type TunnelSpec,
  type UnderlayPath,
  type Way,
  type WayQuestion,
} from '../../src/model/state.ts'
import { interfaceOf } from '../../src/model/sysctl-path.ts'

export interface SimInterface {
  readonly name: string
  readonly mtu?: number
  /** With prefix lengths: each brings its connected route. */
  readonly addresses?: readonly string[]
  /** Value of the IPv6 conf/NAME/accept_ra; absent: there is none. */
  readonly acceptRa?: string
  /** Values of conf/NAME/forwarding before anything. */
  readonly forwarding?: string
}

interface SimDevice {
  spec: DeviceSpec
  readonly capacity: number
  intact: boolean
}

const defaults = { forwarding: '0', send_redirects: '1', accept_redirects: '1' }

export class SimKernel implements Kernel {
  readonly hostname: string
  maxTunnels = 1 << 16
  /** Operations so far; those named below are counted from 0. */
  operations = 0
  /** The operations that are refused. */
  refuseAt: number | readonly number[] | null = null
  /** The operation before which the process dies: it and all later ones do nothing. */
  dieAt: number | null = null
  /** What others do after the host was read and before the data plane is, once. */
  betweenReads: (() => void) | null = null

  readonly links = new Map<string, LiveLink>()
  addresses: LiveAddress[] = []
  routes: LiveRoute[] = []
  ipRules: LiveIpRule[] = []
  readonly filters = new Map<string, LiveFilter>()
  readonly values = new Map<string, string>()
  readonly devices = new Map<string, SimDevice>()
  readonly tunnels = new Map<string, TunnelSpec>()
  readonly rules = new Map<string, RuleSpec>()
  saved: SavedValue[] = []
  private nextIndex = 1

  constructor(interfaces: readonly SimInterface[], hostname = 'host') {
    this.hostname = hostname
    for (const family of ['ipv4', 'ipv6']) {
      for (const scope of ['all', 'default']) this.conf(family, scope)
    }
    for (const { name, mtu = 1500, addresses = [], forwarding, acceptRa } of interfaces) {
      this.addLink(name, mtu, name === 'lo' ? null : 'veth', null)
      if (acceptRa !== undefined) this.values.set(`net/ipv6/conf/${name}/accept_ra`, acceptRa)
      if (forwarding !== undefined) this.values.set(`net/ipv4/conf/${name}/forwarding`, forwarding)
      for (const text of addresses) {
        const [address, length] = text.split('/') as [Address, string]
        this.addresses.push({ device: name, address, prefixLength: Number(length), owned: false })
        this.route(prefixOf(address, Number(length)), name)
      }
    }
  }

  /** A foreign unicast route. */
  route(destination: string, device: string, metric = 0, more: Partial<LiveRoute> = {}): void {
    this.routes.push({
      destination: destination as Prefix,
      device,
      type: 'unicast',
      metric,
      mtu: null,
      owned: false,
      ...more,
    })
  }

  /** The whole state without what a restoration may change: indexes and order. */
  dump(): unknown {
    const sorted = (list: Iterable<unknown>) => [...list].map((entry) => JSON.stringify(entry)).sort()
    return {
      links: sorted([...this.links.values()].map(({ ifindex: _, ...rest }) => rest)),
      addresses: sorted(this.addresses),
      routes: sorted(this.routes),
      ipRules: sorted(this.ipRules),
      filters: sorted(this.filters.values()),
      values: sorted(this.values),
      devices: sorted(this.devices.values()),
      tunnels: sorted(this.tunnels.values()),
      rules: sorted(this.rules.values()),
      saved: sorted(this.saved),
    }
  }

  readonly host: HostNetwork = {
    interfaces: (): HostInterfaces => ({
      hostname: this.hostname,
      links: [...this.links.values()],
      addresses: [...this.addresses],
    }),
    snapshot: (nets, exact = []): HostState => ({
      ...this.host.interfaces(),
      routes: this.routes.filter((route) => this.matters(route, nets, exact)),
      ipRules: [...this.ipRules],
      filters: [...this.filters.values()],
    }),
    filters: () => [...this.filters.values()],
    sysctls: (paths) =>
      new Map(
        paths.flatMap((path) => (this.values.has(path) ? [[path, this.values.get(path) as string]] : [])),
      ),
    paths: (remotes) => remotes.map((remote) => this.path(remote)),
    ways: (questions) => questions.map((question) => this.way(question)),
    apply: (operations) => this.carryOut(operations, (operation) => this.onHost(operation)),
    watch: () => () => {},
    close: () => {},
  }

  private matters(route: LiveRoute, nets: readonly Prefix[] | undefined, exact: readonly Prefix[]): boolean {
    const { owned, device, destination, table } = route
    if (table !== undefined) return this.routes.some((other) => other.owned && other.table === table)
    if (nets === undefined) return true
    const ours = device !== null && this.links.get(device)?.owner != null
    const within = prefixLength(destination) === 0 || nets.some((net) => prefixContains(net, destination))
    return owned || ours || within || exact.includes(destination)
  }

  readonly plane: DataPlane = (() => {
    const self = this
    return {
      name: 'ebpf' as const,
      get maxTunnels() {
        return self.maxTunnels
      },
      snapshot: () => {
        const meanwhile = self.betweenReads
        self.betweenReads = null
        meanwhile?.()
        return self.planeState()
      },
      watch: () => () => undefined,
      apply: (operations: readonly PlaneOperation[], onProgress?: (done: number) => void) =>
        self.carryOut(operations, (operation) => self.onPlane(operation), onProgress),
      close: () => {},
    }
  })()

  private planeState(): PlaneState {
    const drops = Object.fromEntries(dropReasons.map((reason) => [reason, 0])) as unknown as Drops
    return {
      devices: [...this.devices.values()].map(({ spec, capacity, intact }) => ({
        ...spec,
        capacity,
        intact,
        drops,
        plane: 'ebpf',
        ifindex: this.links.get(spec.name)?.ifindex ?? 0,
        up: this.links.get(spec.name)?.up ?? false,
      })),
      tunnels: [...this.tunnels.values()].map((spec, id) => ({
        ...spec,
        id: spec.id ?? id,
        counters: {
          ...{ rxPackets: id, rxBytes: 0, txPackets: 0, txBytes: 0, dropped: 0 },
          ...{ sinceRxMs: null, sinceTxMs: null },
        },
      })),
      rules: [...this.rules.values()],
      saved: [...this.saved],
    }
  }

  private path(remote: Address): UnderlayPath {
    const [best] = this.routes
      .filter((route) => route.table === undefined && !isSelective(route))
      .filter(({ destination }) => prefixContains(destination, remote))
      .sort((a, b) => prefixLength(b.destination) - prefixLength(a.destination) || a.metric - b.metric)
    const link = best?.device ? this.links.get(best.device) : undefined
    const source = this.addresses.find(
      ({ device, address }) => device === link?.name && familyOf(address) === familyOf(remote),
    )
    if (link === undefined || source === undefined) return { remote, via: null }
    return { remote, via: { interface: link.name, source: source.address, mtu: link.mtu } }
  }

  /** The main table alone: what rules of others do, real kernels are asked about. */
  private way(question: WayQuestion): Way {
    const { via } = this.path(question.destination)
    const device = via?.interface ?? null
    return { question, device, type: device === null ? 'none' : 'unicast', table: 254, route: null }
  }

  private carryOut<T>(
    operations: readonly T[],
    one: (operation: T) => void,
    onProgress?: (done: number) => void,
  ): OperationResult[] {
    const results: OperationResult[] = []
    let failed = false
    for (const operation of operations) {
      if (failed) {
        results.push({ status: 'not-tried' })
        continue
      }
      try {
        if (this.dieAt !== null && this.operations >= this.dieAt) throw new Error('dead')
        if ([this.refuseAt].flat().includes(this.operations++)) throw new Error('refused')
        one(operation)
        results.push({ status: 'done' })
        onProgress?.(results.length)
      } catch (error) {
        results.push({ status: 'failed', error: error as Error })
        failed = true
      }
    }
    return results
  }

  private onPlane(operation: PlaneOperation): void {
    switch (operation.kind) {
      case 'device':
        if (operation.op === 'delete') this.deleteDevice(operation.name)
        else this.putDevice(operation.op, operation.spec, operation.capacity)
        return
      case 'tunnel':
        if (operation.op !== 'delete') {
          this.putTunnel(operation.op, operation.spec)
          return
        }
        if (
          [...this.rules.values()].some((r) => r.device === operation.device && r.tunnel === operation.name)
        ) {
          throw new Error(`tunnel ${operation.name} still has rules`)
        }
        take(this.tunnels, `${operation.device}/${operation.name}`)
        return
      case 'rule': {
        const key = `${operation.spec.device} ${operation.spec.prefix}`
        if (operation.op === 'delete') {
          take(this.rules, key)
          return
        }
        if (this.devices.get(operation.spec.device)?.spec.mode !== 'multi')
          throw new Error('not a multi device')
        must(
          this.tunnels.has(`${operation.spec.device}/${operation.spec.tunnel}`),
          `no tunnel for rule ${key}`,
        )
        must(this.rules.has(key) === (operation.op === 'set'), `cannot ${operation.op} rule ${key}`)
        this.rules.set(key, operation.spec)
        return
      }
      case 'saved': {
        const { device, path } = operation.saved
        must(this.devices.has(device), `no device ${device} to remember with`)
        const known = this.saved.some((entry) => entry.device === device && entry.path === path)
        if (operation.op === 'save' && !known) this.saved.push(operation.saved)
        if (operation.op === 'forget') {
          this.saved = this.saved.filter((entry) => entry.device !== device || entry.path !== path)
        }
      }
    }
  }

  private putDevice(op: 'add' | 'set', spec: DeviceSpec, capacity: number): void {
    for (const underlay of spec.underlays) must(this.links.has(underlay), `no underlay ${underlay}`)
    if (op === 'add') {
      must(!this.links.has(spec.name), `${spec.name} exists`)
      this.addLink(spec.name, spec.mtu, 'tun', spec)
      this.devices.set(spec.name, { spec, capacity, intact: true })
      return
    }
    const device = this.devices.get(spec.name)
    must(this.links.has(spec.name) && device?.capacity === capacity, `cannot change ${spec.name}`)
    this.devices.set(spec.name, { spec, capacity, intact: true })
    const alias = `${aliasPrefix}${spec.owner.overlay}/${spec.owner.node}`
    const link = this.links.get(spec.name) as LiveLink
    this.links.set(spec.name, { ...link, mtu: spec.mtu, up: true, alias, owner: spec.owner })
  }

  private putTunnel(op: 'add' | 'set', spec: TunnelSpec): void {
    const key = `${spec.device}/${spec.name}`
    const device = this.devices.get(spec.device)
    must(device !== undefined, `no device for tunnel ${key}`)
    must(this.tunnels.has(key) === (op === 'set'), `cannot ${op} tunnel ${key}`)
    must((spec.remote === null) === (spec.underlay === null), `underlay of tunnel ${key}`)
    const on = [...this.tunnels.entries()].filter(([, tunnel]) => tunnel.device === spec.device)
    must(op === 'set' || on.length < (device?.capacity ?? 0), 'map full')
    const same = (t: TunnelSpec) =>
      t.remote !== null && spec.remote !== null && formatEndpoint(t.remote) === formatEndpoint(spec.remote)
    const clash = on.some(([id, t]) => id !== key && t.local.port === spec.local.port && same(t))
    must(!clash, `the endpoint of tunnel ${key} is another's`)
    this.tunnels.set(key, spec)
  }

  deleteDevice(name: string): void {
    // A device whose interface a hand has taken away can be deleted, as in `native/ebpf`.
    must(this.links.get(name)?.owner != null || this.devices.has(name), `no device ${name}`)
    this.devices.delete(name)
    for (const [key, { device }] of this.tunnels) if (device === name) this.tunnels.delete(key)
    for (const [key, { device }] of this.rules) if (device === name) this.rules.delete(key)
    this.saved = this.saved.filter(({ device }) => device !== name)
    this.deleteLink(name)
  }

  /** Takes an interface away as the kernel does: its addresses, routes and sysctls go with it. */
  deleteLink(name: string): void {
    this.links.delete(name)
    this.addresses = this.addresses.filter(({ device }) => device !== name)
    this.routes = this.routes.filter(({ device }) => device !== name)
    for (const path of this.values.keys()) if (path.split('/')[3] === name) this.values.delete(path)
  }

  addLink(name: string, mtu: number, kind: string | null, spec: DeviceSpec | null): void {
    const owner = spec?.owner ?? null
    const alias = owner === null ? null : `${aliasPrefix}${owner.overlay}/${owner.node}`
    const ifindex = this.nextIndex++
    this.links.set(name, { name, ifindex, kind, mtu, up: true, hardwareType: 1, alias, owner })
    this.conf('ipv4', name)
    this.conf('ipv6', name)
  }

  private conf(family: string, scope: string): void {
    const keys = family === 'ipv6' ? { ...defaults, disable_ipv6: '0' } : defaults
    for (const [key, value] of Object.entries(keys)) {
      const inherited = this.values.get(`net/${family}/conf/default/${key}`)
      this.values.set(`net/${family}/conf/${scope}/${key}`, inherited ?? value)
    }
  }

  private onHost(operation: HostOperation): void {
    if (operation.kind === 'sysctl') this.writeUnlessGone(operation.path, operation.value)
    else if (operation.kind === 'address') this.onAddress(operation.op, operation.spec)
    else if (operation.kind === 'filter') this.onFilter(operation.op, operation.spec)
    else if (operation.kind === 'ip-rule') this.onIpRule(operation.op, operation.spec)
    else if (operation.op === 'set') this.replaceRoute(operation.before, operation.spec)
    else this.onRoute(operation.op, operation.spec)
  }

  private onIpRule(op: 'add' | 'delete', spec: IpRuleSpec): void {
    const id = idOf['ip-rule']
    const at = this.ipRules.findIndex((rule) => rule.owned && id(rule) === id(spec))
    must(at < 0 === (op === 'add'), `cannot ${op} ${id(spec)}`)
    const plain = { to: null, iif: null, oif: null, inverted: false, narrowed: false }
    if (op === 'add') this.ipRules.push({ ...ipRuleOf(spec), ...plain, action: 'lookup', owned: true })
    else this.ipRules.splice(at, 1)
  }

  private onFilter(op: 'add' | 'set' | 'delete', spec: FilterSpec): void {
    const there = this.filters.get(spec.device)
    must(
      (there === undefined) === (op === 'add') && there?.owner !== null,
      `cannot ${op} filter ${spec.device}`,
    )
    if (op === 'delete') this.filters.delete(spec.device)
    else this.filters.set(spec.device, { ...spec, intact: true })
  }

  private onAddress(op: 'add' | 'delete', { device, address }: AddressSpec): void {
    const at = this.addresses.findIndex((a) => a.device === device && a.address === address)
    must(this.links.has(device), `no device ${device}`)
    must(at < 0 === (op === 'add'), `cannot ${op} ${address}`)
    must(op === 'delete' || this.takes(device, familyOf(address)), `permission denied: ${address}`)
    if (op === 'delete') {
      this.addresses.splice(at, 1)
      this.routes = this.routes.filter((r) => r.device !== device || r.destination !== hostPrefix(address))
      return
    }
    const family = familyOf(address)
    this.addresses.push({ device, address, prefixLength: bitsOf(family), owned: true })
    if (family === 6) this.route(hostPrefix(address), device, 256)
  }

  private onRoute(op: 'add' | 'delete', spec: RouteSpec): void {
    const at = this.routes.findIndex((r) => routeKey(r) === routeKey(spec))
    must(spec.device === null || this.links.has(spec.device), `no device ${spec.device}`)
    must(at < 0 === (op === 'add'), `cannot ${op} route ${spec.destination}`)
    const takes = spec.device === null || this.takes(spec.device, familyOf(spec.destination))
    must(op === 'delete' || takes, `permission denied: ${spec.destination}`)
    if (op === 'add') this.routes.push({ ...routeOf(spec), owned: true })
    else this.routes.splice(at, 1)
  }

  private takes(device: string, family: 4 | 6): boolean {
    return family === 4 || this.values.get(`net/ipv6/conf/${device}/disable_ipv6`) === '0'
  }

  private replaceRoute(before: RouteSpec, spec: RouteSpec): void {
    must(routeKey(before) === routeKey(spec), 'another route')
    this.onRoute('delete', before)
    this.onRoute('add', spec)
  }

  private writeUnlessGone(path: string, value: string): void {
    const on = interfaceOf(path)
    if (on === undefined || this.links.has(on)) this.write(path, value)
  }

  /** net/ipv4/devinet.c inet_forward_change, net/ipv6/addrconf.c addrconf_forward_change. */
  write(path: string, value: string): void {
    must(this.values.has(path), `no sysctl ${path}`)
    const before = this.values.get(path)
    this.values.set(path, value)
    const [, family, , scope, key] = path.split('/')
    if (scope !== 'all' || key !== 'forwarding' || before === value) return
    if (family === 'ipv4') this.values.set('net/ipv4/conf/all/accept_redirects', value === '1' ? '0' : '1')
    for (const to of ['default', ...this.links.keys()])
      this.values.set(`net/${family}/conf/${to}/forwarding`, value)
    if (family === 'ipv6' && value === '1') this.dropAdvertised()
  }

  /** rt6_purge_dflt_routers of net/ipv6/route.c: all default routes of IPv6 here are advertised ones. */
  private dropAdvertised(): void {
    const takes = (device: string | null) =>
      (this.values.get(`net/ipv6/conf/${device}/accept_ra`) ?? '2') === '2'
    this.routes = this.routes.filter((route) => route.destination !== '::/0' || takes(route.device))
  }
}

function take<V>(map: Map<string, V>, key: string): void {
  must(map.delete(key), `no ${key}`)
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
