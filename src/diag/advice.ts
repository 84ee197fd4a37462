// SPDX-License-Identifier: MIT
/**
 * Advice that is given by whoever reads a value as well as by whoever works one out.
 */

export const listensOnAddresses = 'a hub listens on addresses, not on host names'
