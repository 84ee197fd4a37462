// SPDX-License-Identifier: MIT
/**
 * Properties are tried on the same examples in every run, so that a red test is a change's fault. To look
 * further: `LVN_SEED=7 npm run test:unit`.
 */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.LVN_SEED ?? 1) })
