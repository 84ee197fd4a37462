// SPDX-License-Identifier: MIT
/**
 * Binds a UDP socket to port 50000, hands it over to the device lvn0 as the local endpoint of a tunnel, and
 * prints what it still receives: `node --import tsx hand-over.ts LOCAL REMOTE`. Standard input is answered: a
 * line is sent to the remote endpoint as hexadecimal digits; at its end the socket is closed.
 */
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'
import { openClient } from '../../native/kmod/client.ts'
import { command, encodeLocal, encodeTunnel } from '../../native/kmod/generated.ts'
import type { Address } from '../../src/model/address.ts'
import { openFamily } from './lvn-link.ts'

const [local, remote] = process.argv.slice(2) as [Address, Address]
const port = 50_000
const socket = local.includes(':') ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4')
socket.on('message', (data, from) => console.log(`${from.port} ${data.toString('hex')}`))
socket.bind(port, () => {
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle
  const client = openClient()
  const ifindex = client?.links().find(({ name }) => name === 'lvn0')?.ifindex ?? 0
  const family = openFamily()
  family.send(command.localNew, (e) => encodeLocal(e, { ifindex, address: local, port, socket: fd }))
  family.send(command.tunnelNew, (e) =>
    encodeTunnel(e, {
      ifindex,
      localAddress: local,
      localPort: port,
      remoteAddress: remote,
      remotePort: port,
    }),
  )
  client?.close()
  console.log('ready')
})
createInterface({ input: process.stdin })
  .on('line', (line) => socket.send(Buffer.from(line, 'hex'), port, remote))
  .on('close', () => socket.close())
