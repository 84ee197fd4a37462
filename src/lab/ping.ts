// SPDX-License-Identifier: MIT
/**
 * The `ping` command in a namespace of a lab: one packet, and what came of it. Judges nothing.
 */
import { spawn } from 'node:child_process'
import { withNetns } from '../../native/netns.ts'
import { ExitCode, LvnError } from '../diag/error.ts'
import type { Address } from '../model/address.ts'

export interface PingOptions {
  /** Null: the kernel chooses. */
  readonly source?: Address | null
  readonly waitMs?: number
}

export interface Pinged {
  /** Round trip in milliseconds; null: no answer. */
  readonly ms: number | null
  /** Why no packet was sent, in the words of the command; null: one was. */
  readonly unsent: string | null
  /** The sender's own firewall refused it. */
  readonly refused: boolean
  /** The address that answered that it is administratively prohibited; null: none did. */
  readonly prohibitedBy: string | null
}

const tries = 3

/** Round trip in milliseconds; null: no answer in several tries. */
export async function pingPatiently(namespace: string, address: Address): Promise<number | null> {
  for (let i = 0; i < tries; i++) {
    const { ms } = await pingOnce(namespace, address)
    if (ms !== null) return ms
  }
  return null
}

export function pingOnce(
  namespace: string,
  address: Address,
  { source = null, waitMs = 2000 }: PingOptions = {},
): Promise<Pinged> {
  const from = source === null ? [] : ['-I', source]
  return new Promise((resolve, reject) => {
    // A child process starts in the namespace that the thread is in.
    const child = withNetns(namespace, () =>
      spawn('ping', ['-n', '-c1', '-W', String(waitMs / 1000), ...from, address], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, LC_ALL: 'C' },
      }),
    )
    let output = ''
    let complaints = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text
    })
    child.once('error', (cause) =>
      reject(
        new LvnError('LVN8007', ExitCode.internal, `ping cannot be run: ${cause.message}`, {
          hint: '`apt-get install iputils-ping`',
          cause,
        }),
      ),
    )
    child.once('close', (code) => resolve(outcomeOf(code, output, complaints)))
  })
}

function outcomeOf(code: number | null, output: string, complaints: string): Pinged {
  const nothing = { ms: null, unsent: null, refused: false, prohibitedBy: null }
  const time = /time=([0-9.]+) ms/.exec(output)?.[1]
  if (code === 0 && time !== undefined) return { ...nothing, ms: Number(time) }
  if (/sendmsg: Operation not permitted/.test(complaints)) return { ...nothing, refused: true }
  const prohibitedBy = prohibition.exec(output)?.[1] ?? null
  const complaint = /^ping: (?:(?:connect|sendmsg|bind): )?(.+)$/m.exec(complaints)?.[1]
  // 1: no answer. Anything above: it could not ask.
  const unsent = complaint ?? (code === 1 ? null : `ping ended with ${code}`)
  return { ...nothing, unsent, prohibitedBy }
}

/** ICMP type 3 codes 9, 10 and 13, ICMPv6 type 1 code 1, as ping words them. */
const prohibition = /^From (\S+) icmp_seq=\d+ (?:Packet filtered|.*prohibited)/im
