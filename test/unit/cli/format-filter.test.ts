// SPDX-License-Identifier: MIT
/** Filters in a printed plan: by their policies. */
import { describe, expect, it } from 'vitest'
import type { ChangeOf } from '../../../src/interp/types.ts'
import { type FilterSpec, openFamily } from '../../../src/model/filter.ts'
import { formatPlan } from '../../../src/shell/cli/format-plan.ts'
import { plain } from '../../../src/shell/cli/output.ts'
import { planOf } from './plans.ts'

const filter = (...policies: readonly string[]): FilterSpec => ({
  device: 'lvn0',
  owner: { overlay: 'mitte', node: 'gw1' },
  policies,
  ipv4: openFamily,
  ipv6: openFamily,
})
function change(before: FilterSpec | null, after: FilterSpec | null, fields: readonly string[] = []) {
  const op = before === null ? 'add' : after === null ? 'remove' : 'change'
  return { op, kind: 'filter', id: 'filter lvn0', before, after, fields } as ChangeOf<'filter'>
}
const print = (of: ChangeOf<'filter'>, all = false) =>
  formatPlan(planOf([of]), { paint: plain, all, nothing: '' })
    .split('\n')
    .slice(2, -2)

describe('the filter in a plan', () => {
  it('names the policies that come and go', () => {
    expect(print(change(null, filter('deny rathaus -> kirche', 'allow any -> gw1')))).toEqual([
      '  device lvn0',
      '  + filter lvn0 of 2 policies',
      '    + policy deny rathaus -> kirche',
      '    + policy allow any -> gw1',
    ])
    const changed = change(filter('deny a -> b', 'deny c -> d'), filter('deny c -> d', 'deny e -> f'), [
      'policies',
    ])
    expect(print(changed)).toEqual([
      '  device lvn0',
      '  ~ filter lvn0',
      '    - policy deny a -> b',
      '    + policy deny e -> f',
    ])
    expect(print(change(filter('deny a -> b'), null))).toEqual([
      '  device lvn0',
      '  - filter lvn0',
      '    - policy deny a -> b',
    ])
  })

  it('counts a policy as often as it is written', () => {
    const more = change(filter('deny a -> b'), filter('deny a -> b', 'allow a -> b', 'deny a -> b'), [
      'policies',
    ])
    expect(print(more).slice(2)).toEqual(['    + policy allow a -> b', '    + policy deny a -> b'])
  })

  it('says what else is different', () => {
    const same = filter('deny a -> b', 'allow b -> a')
    const turned = filter('allow b -> a', 'deny a -> b')
    expect(print(change(same, turned, ['policies']))[1]).toBe('  ~ filter lvn0 the order of its policies')
    expect(print(change(same, same, ['ipv4']))[1]).toBe('  ~ filter lvn0 the addresses of its policies')
    expect(print(change(same, same, ['intact']))[1]).toBe('  ~ filter lvn0 is not whole: somebody changed it')
  })

  it('folds many policies, and prints all of them when asked', () => {
    const many = change(null, filter(...Array.from({ length: 50 }, (_, i) => `deny a -> b${i}`)))
    expect(print(many)).toHaveLength(2 + 5 + 1)
    expect(print(many).at(-1)).toBe('    + … and 45 more policies (--all shows them)')
    expect(print(many, true)).toHaveLength(2 + 50)
  })
})
