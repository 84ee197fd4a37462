// SPDX-License-Identifier: MIT
/**
 * Moves bytes between two hosts and says what arrived, as one line of JSON. Its orders are lines, too:
 *
 *   tcp-serve PORT               prints "ready", takes one connection, then {bytes, sha256}
 *   tcp-send HOST PORT BYTES     sends a pseudo-random stream, then {bytes, sha256}
 *   udp-serve PORT COUNT         echoes COUNT datagrams, prints "ready" first
 *   udp-send HOST PORT COUNT     64 to 1,400 bytes, a window of 8 under way; {sent, received}
 */
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer, isIPv6, connect as tcpConnect } from 'node:net'
import { createInterface } from 'node:readline'

const say = (value) => process.stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`)

/** The same bytes in every run: a linear congruential generator. */
function* blocks(total) {
  let state = 12345
  for (let left = total; left > 0; ) {
    const block = Buffer.alloc(Math.min(left, 1 << 16))
    for (let i = 0; i + 4 <= block.length; i += 4) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      block.writeUInt32LE(state, i)
    }
    left -= block.length
    yield block
  }
}

function tcpServe(port) {
  const server = createServer((socket) => {
    const hash = createHash('sha256')
    let bytes = 0
    socket.on('data', (data) => {
      hash.update(data)
      bytes += data.length
    })
    socket.on('end', () => {
      say({ bytes, sha256: hash.digest('hex') })
      socket.end()
      server.close()
    })
  })
  server.listen(Number(port), '::', () => say('ready'))
}

async function tcpSend(host, port, total) {
  const socket = tcpConnect(Number(port), host)
  const hash = createHash('sha256')
  for (const block of blocks(Number(total))) {
    hash.update(block)
    if (!socket.write(block)) await new Promise((resolve) => socket.once('drain', resolve))
  }
  socket.end()
  await new Promise((resolve) => socket.once('close', resolve))
  say({ bytes: Number(total), sha256: hash.digest('hex') })
}

function udpServe(port, count) {
  const socket = createSocket({ type: 'udp6', ipv6Only: false })
  let left = Number(count)
  socket.on('message', (data, from) => {
    socket.send(data, from.port, from.address, () => {
      if (--left === 0) socket.close()
    })
  })
  socket.bind(Number(port), () => say('ready'))
}

function udpSend(host, port, count) {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  let sent = 0
  let received = 0
  const finish = () => {
    say({ sent, received })
    socket.close()
  }
  const deadline = setTimeout(finish, 20_000)
  const more = () => {
    while (sent < Number(count) && sent - received < 8) {
      const data = Buffer.alloc(64 + ((sent * 37) % 1337))
      data.writeUInt32LE(sent, 0)
      socket.send(data, Number(port), host)
      sent++
    }
  }
  socket.on('message', () => {
    received++
    if (received === Number(count)) {
      clearTimeout(deadline)
      finish()
    } else more()
  })
  more()
}

const roles = { 'tcp-serve': tcpServe, 'tcp-send': tcpSend, 'udp-serve': udpServe, 'udp-send': udpSend }
for await (const order of createInterface({ input: process.stdin })) {
  const [role, ...args] = order.split(' ')
  await roles[role](...args)
}
