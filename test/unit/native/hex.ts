// SPDX-License-Identifier: MIT
/**
 * Bytes written by hand, as the kernel's headers (include/uapi/linux) lay them out on a little-endian host: lines of
 * hexadecimal digits, each with a comment after `#`.
 */
export function hex(text: string): Buffer {
  const digits = text.replace(/#.*$/gm, '').replace(/\s/g, '')
  const bytes = Buffer.from(digits, 'hex')
  if (bytes.length * 2 !== digits.length) throw new Error(`these are no bytes: ${digits}`)
  return bytes
}
