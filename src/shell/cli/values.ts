// SPDX-License-Identifier: MIT
/**
 * Values that stand on the command line as text, read; each refusal says which option it is about. Pure.
 */
import { ExitCode, LvnError } from '../../diag/error.ts'
import {
  type Address,
  type Endpoint,
  hostPrefix,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../../model/address.ts'

export function unfit(message: string, hint?: string): LvnError {
  return new LvnError('LVN6412', ExitCode.usage, message, { hint })
}

/** Undefined stays undefined: the option was not given. */
export function optional<T>(
  text: string | undefined,
  read: (text: string, what: string) => T,
  what: string,
): T | undefined {
  return text === undefined ? undefined : read(text, what)
}

export function readInteger(text: string, what: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text)
  throw unfit(`${what} takes a whole number, not \`${text}\``)
}

/** `192.0.2.1`, `192.0.2.1:5000`, `2001:db8::1` or `[2001:db8::1]:5000`. */
export function readEndpoint(text: string, what: string): Pick<Endpoint, 'address'> & Partial<Endpoint> {
  const match = /^(?:\[([^\]]*)\]|([^[\]:]+))(?::([0-9]+))?$/.exec(text)
  const address = parseAddress(match?.[1] ?? match?.[2] ?? text)
  if (address === undefined) {
    throw unfit(
      `${what} takes an IP address, not \`${text}\``,
      'such as `192.0.2.1`, `192.0.2.1:50000` or `[2001:db8::1]:50000`',
    )
  }
  return match?.[3] === undefined ? { address } : { address, port: Number(match[3]) }
}

/** An address stands for itself alone. */
export function readPrefix(text: string): Prefix {
  const address: Address | undefined = parseAddress(text)
  const prefix = address === undefined ? parsePrefix(text) : hostPrefix(address)
  if (prefix === undefined) {
    throw unfit(`\`${text}\` is no prefix`, 'such as `10.99.7.0/24` or `fd42:99::/64`')
  }
  if (address === undefined && parseAddress(text.slice(0, text.indexOf('/'))) !== prefix.split('/')[0]) {
    throw unfit(`\`${text}\` has host bits`, `did you mean \`${prefix}\`?`)
  }
  return prefix
}

const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** Milliseconds of `20s`, `1h30m`, `500ms`; `off` is 0. */
export function readDuration(text: string, what: string): number {
  if (text === 'off') return 0
  if (!/^(?=.)(\d{1,9}h)?(\d{1,9}m(?!s))?(\d{1,9}s)?(\d{1,9}ms)?$/.test(text)) {
    throw unfit(`${what} takes a duration, not \`${text}\``, 'such as `20s`, `1m30s`, `500ms` or `off`')
  }
  const parts = text.matchAll(/(\d+)(ms|[hms])/g)
  return [...parts].reduce((sum, [, n, unit]) => sum + Number(n) * units[unit as keyof typeof units], 0)
}

export function readList(text: string): readonly string[] {
  return text.split(',').filter((word) => word !== '')
}
