// SPDX-License-Identifier: MIT
/**
 * The command `nft`, spoken to in JSON (libnftables-json(5)): one transaction each, in the network namespace of
 * the thread. It knows no filters.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExitCode, LvnError } from '../../../src/diag/error.ts'
import { isErrno, systemFailure } from '../../errors.ts'

export type NftObject = Readonly<Record<string, unknown>>

/** What is not in every PATH, but holds `nft`. */
const systemFolders = ['/usr/sbin', '/sbin', '/usr/local/sbin']
const longestAnswer = 1 << 28

/** Code of an answer that cannot be read, though the objects may well be there. */
export const unreadableAnswer = 'LVN5203'

/**
 * All or nothing; the objects that it answers with.
 * @throws LvnError LVN5200: no such command; LVN5202: refused; LVN5203: the answer is no JSON, or it crashed.
 */
export function nft(what: string, commands: readonly NftObject[], command = 'nft'): readonly NftObject[] {
  const ran = withInput(JSON.stringify({ nftables: commands }), (input) =>
    spawnSync(command, ['-j', '-f', '-'], {
      stdio: [input, 'pipe', 'pipe'],
      encoding: 'utf8',
      maxBuffer: longestAnswer,
      env: { ...process.env, LC_ALL: 'C', PATH: path() },
    }),
  )
  if (ran.error !== undefined)
    throw isErrno(ran.error, 'ENOENT') ? missing(what) : systemFailure(what, ran.error)
  if (ran.signal !== null) throw unreadable(what, `it was ended by ${ran.signal}`)
  if (ran.status !== 0) throw refused(what, ran.stderr)
  if (ran.stdout.trim() === '') return []
  return objectsIn(ran.stdout, what)
}

function objectsIn(stdout: string, what: string): readonly NftObject[] {
  let answer: unknown
  try {
    answer = JSON.parse(stdout)
  } catch (cause) {
    throw unreadable(what, 'what it printed is no JSON', cause)
  }
  const objects = (answer as { nftables?: unknown } | null)?.nftables
  if (!Array.isArray(objects)) throw unreadable(what, 'what it printed has no `nftables`')
  return objects as NftObject[]
}

/**
 * `nft` opens /dev/stdin, which cannot be done with the socket that Node gives a child: it gets a file that has no name
 * any more. The folder may be somebody else's (`su` keeps TMPDIR), so what is opened is new, or nothing.
 */
function withInput<T>(text: string, use: (fd: number) => T): T {
  const name = join(tmpdir(), `lvn-nft-${randomBytes(12).toString('hex')}`)
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants
  const fd = openSync(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    rmSync(name, { force: true })
    const bytes = Buffer.from(text)
    // At positions: the offset, which the child shares, stays at the start.
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at)
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

function path(): string {
  return [process.env.PATH ?? '', ...systemFolders].filter((folder) => folder !== '').join(':')
}

function missing(what: string): LvnError {
  return new LvnError('LVN5200', ExitCode.noPlane, `cannot ${what}: there is no command \`nft\``, {
    hint: 'policies are enforced with nftables: `apt-get install nftables`',
  })
}

function refused(what: string, stderr: string): LvnError {
  const [reason] = stderr.split('\n').filter((line) => line.trim() !== '')
  return new LvnError('LVN5202', ExitCode.internal, `cannot ${what}: nft: ${reason ?? 'failed'}`, {
    hint: 'the kernel needs nf_tables with conntrack and reject, nft its support of JSON',
  })
}

function unreadable(what: string, why: string, cause?: unknown): LvnError {
  return new LvnError(
    unreadableAnswer,
    ExitCode.internal,
    `cannot ${what}: the answer of nft cannot be read: ${why}`,
    {
      hint: 'see what `nft -j list ruleset` prints; nft 1.0.6 cannot print tables that have flags',
      cause,
    },
  )
}
