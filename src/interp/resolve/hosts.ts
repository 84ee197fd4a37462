// SPDX-License-Identifier: MIT
/**
 * What only one node may have: a host name within an overlay, an endpoint and a host's device name among all
 * overlays. Part of phase 1.
 */
import { deviceClash, duplicateEndpoint, duplicateHostname, listedTwice } from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import { formatEndpoint, sameEndpoint } from '../../model/address.ts'
import type { Node, NodeEndpoint } from '../../model/topology.ts'
import type { DraftNode } from './node.ts'
import type { Report } from './values.ts'

interface Claimed {
  readonly node: Node
  readonly span: Span
}

export class HostChecks {
  private readonly report: Report
  private readonly endpoints = new Map<string, Claimed>()
  private readonly devices = new Map<string, Claimed>()

  constructor(report: Report) {
    this.report = report
  }

  /** The nodes of one overlay. */
  check(nodes: readonly DraftNode[]): void {
    const hostnames = new Map<string, Claimed>()
    for (const draft of nodes) {
      const { node } = draft
      this.hostnames(draft, hostnames)
      for (const listen of node.listens) this.endpoint(formatEndpoint(listen), node, listen.span)
      this.locals(node)
      if (node.endpoint !== null && node.endpoint.kind !== 'nat') {
        this.endpoint(endpointKey(node.endpoint), node, node.endpoint.span)
      }
    }
  }

  private hostnames(draft: DraftNode, taken: Map<string, Claimed>): void {
    const { node } = draft
    for (const { value, span } of draft.hostnames) {
      const first = taken.get(value)
      if (first?.node === node) this.report(listedTwice(span, value, first.span))
      else if (first !== undefined) this.report(duplicateHostname(span, value, first.node.name, first.span))
      else {
        taken.set(value, { node, span })
        this.device(value, node)
      }
    }
  }

  /** Behind NATs of their own, nodes may have the same addresses; one node cannot have an endpoint twice. */
  private locals(node: Node): void {
    const taken = new Map<string, { readonly span: Span; readonly translated: boolean }>()
    for (const { local, localSpan: span, ...outside } of node.listens) {
      const text = formatEndpoint(local)
      const translated = !sameEndpoint(local, outside)
      const first = taken.get(text)
      if (first === undefined) taken.set(text, { span, translated })
      // Where neither stands behind `at`, it is one endpoint twice, which is reported as that.
      else if (translated || first.translated)
        this.report(duplicateEndpoint(span, text, node.name, first.span))
    }
  }

  private device(hostname: string, node: Node): void {
    const { name, span } = node.device
    const key = `${hostname}/${name}`
    const first = this.devices.get(key)
    if (first === undefined) this.devices.set(key, { node, span })
    else this.report(deviceClash(span, name, hostname, first.span))
  }

  private endpoint(text: string, node: Node, span: Span): void {
    const first = this.endpoints.get(text)
    if (first === undefined) this.endpoints.set(text, { node, span })
    else this.report(duplicateEndpoint(span, text, first.node.name, first.span))
  }
}

function endpointKey(endpoint: Exclude<NodeEndpoint, { kind: 'nat' }>): string {
  return endpoint.kind === 'address' ? formatEndpoint(endpoint) : `${endpoint.host}:${endpoint.port}`
}
