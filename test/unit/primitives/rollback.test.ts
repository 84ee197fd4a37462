// SPDX-License-Identifier: MIT
/** A primitive of several operations is done or it is not, wherever the kernel refuses. */
import { expect, test } from 'vitest'
import type { Address, Prefix } from '../../../src/model/address.ts'
import { addDevice, addRule, addTunnel, deleteTunnel, setTunnel } from '../../../src/primitives/index.ts'
import { SimKernel } from '../../support/sim-kernel.ts'

const address = (text: string) => text as Address
const prefix = (text: string) => text as Prefix

function host(): SimKernel {
  const kernel = new SimKernel([
    { name: 'eth0', addresses: ['198.51.100.10/24'] },
    { name: 'eth1', addresses: ['192.0.2.10/24'] },
  ])
  addDevice(kernel, { name: 'lvn5', mode: 'multi' })
  addTunnel(kernel, { device: 'lvn5', name: 'a', remote: { address: address('198.51.100.1') } })
  addRule(kernel, { device: 'lvn5', prefix: prefix('10.99.1.0/24'), tunnel: 'a' })
  addRule(kernel, { device: 'lvn5', prefix: prefix('10.99.2.0/24'), tunnel: 'a' })
  return kernel
}

const works: readonly [string, (kernel: SimKernel) => unknown][] = [
  [
    'adding a tunnel over another interface',
    (kernel) => addTunnel(kernel, { device: 'lvn5', name: 'b', remote: { address: address('192.0.2.1') } }),
  ],
  [
    'moving a tunnel to another interface',
    (kernel) =>
      setTunnel(kernel, 'lvn5', 'a', {
        local: { address: address('192.0.2.10') },
        remote: { address: address('192.0.2.1') },
      }),
  ],
  ['deleting a tunnel with its rules', (kernel) => deleteTunnel(kernel, 'lvn5', 'a')],
]

test.each(works)('%s leaves everything as it was where any operation is refused', (_name, work) => {
  const whole = host()
  const first = whole.operations
  work(whole)
  const count = whole.operations - first
  expect(count).toBeGreaterThan(1)
  for (let i = 0; i < count; i++) {
    const kernel = host()
    const before = kernel.dump()
    kernel.refuseAt = kernel.operations + i
    expect(() => work(kernel), `operation ${i}`).toThrow()
    expect(kernel.dump(), `operation ${i}`).toEqual(before)
  }
})
