// SPDX-License-Identifier: MIT
/** Who put an object into a kernel. */

/** `foreign` (null where an owner may be) is never changed and never deleted. */
export interface Owner {
  readonly overlay: string
  readonly node: string
}
