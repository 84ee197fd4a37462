// SPDX-License-Identifier: MIT
/**
 * Collects the mistakes of a description, each with where it is. What the description means is not known here.
 */
export class Checker {
  /** Sentences. */
  mistakes = []

  constructor(file) {
    this.file = file
  }

  mistake(at, text) {
    this.mistakes.push(`${this.file}: ${at === '' ? '' : `${at}: `}${text}`)
  }

  /** Every required key must be there, and none besides the optional ones. */
  keys(at, value, required, optional = []) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      this.mistake(at, 'must be a mapping')
      return
    }
    for (const key of required) if (value[key] === undefined) this.mistake(at, `\`${key}\` is missing`)
    for (const key of Object.keys(value))
      if (key !== 'at' && !required.includes(key) && !optional.includes(key))
        this.mistake(at, `\`${key}\` is not known here`)
  }

  /** Mappings with a name each, every name once; with `at` added, that is where they stand. */
  namedList(at, list) {
    if (!Array.isArray(list)) {
      this.mistake(at, 'must be a list')
      return []
    }
    const seen = new Set()
    return list.flatMap((entry, index) => {
      const name = entry?.name
      if (typeof name !== 'string' || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
        this.mistake(`${at}[${index}]`, 'has no name of lower case letters, digits and hyphens')
        return []
      }
      if (seen.has(name)) this.mistake(at, `the name \`${name}\` is there twice`)
      seen.add(name)
      return [{ ...entry, at: `${at}.${name}` }]
    })
  }

  /** The entry of that name in a list of one; none, and a mistake, where there is none. */
  found(at, list, name, what) {
    const entry = list.find((each) => each.name === name)
    if (entry === undefined) this.mistake(at, `\`${name}\` is no ${what}`)
    return entry === undefined ? [] : [entry]
  }
}
