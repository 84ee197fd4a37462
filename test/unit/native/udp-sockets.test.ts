// SPDX-License-Identifier: MIT
/**
 * Who holds a UDP socket, by /proc of this machine: a process chooses its name, and must not write with it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import { holderOf, type OpenSocket, socketsAt } from '../../../native/host/udp-sockets.ts'
import type { Endpoint } from '../../../src/model/address.ts'

const children: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

it('a name with line breaks and escapes is one line that drives no terminal', async () => {
  const script = `
    process.title = 'x)\\n\\napplied\\x1b[m'
    const socket = require('node:dgram').createSocket('udp4')
    socket.bind(0, '127.0.0.1', () => console.log(socket.address().port))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [port] = await once(child.stdout, 'data')
  const local = { address: '127.0.0.1', port: Number(String(port)) } as Endpoint
  const [socket] = socketsAt(local)
  expect(holderOf(socket as OpenSocket)).toEqual({ pid: child.pid, name: 'x)··applied·[m' })
})
