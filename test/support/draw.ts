// SPDX-License-Identifier: MIT
/** Draws from one number, again and again. */
export class Draw {
  private rest: number

  constructor(number: number) {
    this.rest = number >>> 0
  }

  below(count: number): number {
    // Of a linear congruential generator (Numerical Recipes) the upper bits.
    this.rest = (Math.imul(this.rest, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.rest / 2 ** 32) * count)
  }

  from<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)]
  }

  some<T>(list: readonly T[], count: number): T[] {
    const left = [...list]
    return Array.from({ length: Math.min(count, left.length) }, () =>
      left.splice(this.below(left.length), 1),
    ).flat()
  }
}
