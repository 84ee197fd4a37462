// SPDX-License-Identifier: MIT
/**
 * JSON of unknown origin into typed data. A shape reads one value or says, with the JSON path, what it expected and
 * what it found. It knows no files and nothing of what the data is for.
 */

/** Reads `value`, which stands at `path`. @throws ShapeError */
export type Shape<T> = (value: unknown, path: string) => T

/** The first value that is not as it should be. */
export class ShapeError extends Error {
  /** `tunnels[3].remote.port`; empty: the whole. */
  readonly path: string

  constructor(path: string, message: string) {
    super(path === '' ? message : `${path}: ${message}`)
    this.name = 'ShapeError'
    this.path = path
  }
}

/** A value that `is` accepts; `what` names it in the user's words: `a port from 1 to 65535`. */
export function value<T>(what: string, is: (value: unknown) => boolean): Shape<T> {
  return (found, path) => {
    if (is(found)) return found as T
    throw new ShapeError(path, `expected ${what}, found ${describe(found)}`)
  }
}

export const text = value<string>('text', (found) => typeof found === 'string')
export const truth = value<boolean>('true or false', (found) => typeof found === 'boolean')
export const count = value<number>(
  'a whole number, 0 or more',
  (found) => Number.isSafeInteger(found) && (found as number) >= 0,
)

/** Kept as it is. */
export const anObject = value<object>(
  'an object',
  (found) => typeof found === 'object' && found !== null && !Array.isArray(found),
)

export function oneOf<T extends string | number>(...words: readonly T[]): Shape<T> {
  return value(words.map((word) => JSON.stringify(word)).join(' or '), (found) => words.includes(found as T))
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (found, path) => (found === null ? null : shape(found, path))
}

/** A field that may be absent. */
export function orAbsent<T>(shape: Shape<T>): Shape<T | undefined> {
  return (found, path) => (found === undefined ? undefined : shape(found, path))
}

/** A field that snapshots of earlier versions lack: it then counts as `otherwise`. */
export function orElse<T>(shape: Shape<T>, otherwise: T): Shape<T> {
  return (found, path) => (found === undefined ? otherwise : shape(found, path))
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return (found, path) => {
    if (!Array.isArray(found)) throw new ShapeError(path, `expected a list, found ${describe(found)}`)
    return found.map((each, i) => item(each, `${path}[${i}]`))
  }
}

/** Fields beside those named are left out: a later version may have added them. */
export function record<T extends object>(fields: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const entries = Object.entries(fields) as [string, Shape<unknown>][]
  return (found, path) => {
    const given = anObject(found, path)
    const read: Record<string, unknown> = {}
    for (const [name, shape] of entries) {
      const field = shape(Object.hasOwn(given, name) ? given[name as never] : undefined, below(path, name))
      if (field !== undefined) read[name] = field
    }
    return read as T
  }
}

/** An object whose names are data. */
export function dictionary<T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (found, path) => {
    return Object.fromEntries(
      Object.entries(anObject(found, path)).map(([name, each]) => [
        name,
        item(each, `${path}[${JSON.stringify(name)}]`),
      ]),
    )
  }
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function describe(found: unknown): string {
  if (found === undefined) return 'nothing'
  if (Array.isArray(found)) return 'a list'
  if (typeof found === 'object' && found !== null) return 'an object'
  const shown = JSON.stringify(found)
  return shown.length > 60 ? `${shown.slice(0, 57)}...` : shown
}
