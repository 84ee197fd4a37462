// SPDX-License-Identifier: MIT
/**
 * Where results and remarks go, and in which colours. Results go to standard output, alone where they are
 * JSON; everything said about the work goes to standard error.
 */
import { Chalk, type ChalkInstance, type ColorSupportLevel, supportsColor, supportsColorStderr } from 'chalk'
import type { Paint as DiagnosticPaint } from '../../diag/render.ts'
import { typedIn } from './typed.ts'

/** The roles of diagnostics and those of results; text in, text out. */
export interface Paint extends DiagnosticPaint {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
}

/** What the command line says of its output. */
export interface OutputOptions {
  readonly json: boolean
  /** False with --no-color; the environment decides where it is true. */
  readonly color: boolean
  /** No progress and no remarks; results, warnings and errors stay. */
  readonly quiet: boolean
  /** Network namespace to work in: a name of `ip netns` or a path; absent: the one we run in. */
  readonly netns?: string | undefined
}

export interface Output {
  readonly json: boolean
  readonly quiet: boolean
  /** For standard output. */
  readonly paint: Paint
  /** For standard error. */
  readonly notePaint: Paint
  /** A text with its commands as they have to be typed, with the --netns that was given. */
  typed(text: string): string
  /** The result of the command, a line break added. */
  result(text: string): void
  /** The result as JSON, indented by two; an object is marked with the version of its form, a list is not. */
  resultJson(value: object): void
  /** A remark on standard error; nothing with --quiet or --json. */
  note(text: string): void
  /** A warning or an error on standard error. */
  alert(text: string): void
}

export function openOutput(options: OutputOptions): Output {
  const paint = paintFor(options.color, process.stdout.isTTY, supportsColor)
  const notePaint = paintFor(options.color, process.stderr.isTTY, supportsColorStderr)
  const write = (stream: NodeJS.WriteStream, text: string, painted: boolean) => {
    const safe = harmless(text, painted)
    stream.write(safe.endsWith('\n') ? safe : `${safe}\n`)
  }
  return {
    json: options.json,
    quiet: options.quiet,
    paint,
    notePaint,
    typed: (text) => typedIn(options.netns, text),
    result: (text) => write(process.stdout, text, paint !== plain),
    resultJson: (value) => write(process.stdout, documentOf(value), false),
    note: (text) => {
      if (!options.quiet && !options.json) write(process.stderr, text, notePaint !== plain)
    },
    alert: (text) => write(process.stderr, text, notePaint !== plain),
  }
}

/** Indented by two. Version 1: fields are added, never changed or taken away. */
export function documentOf(value: object): string {
  return jsonText(Array.isArray(value) ? value : { formatVersion: 1, ...value }, 2)
}

/** JSON that no terminal takes for anything else: what could drive one is written as an escape. */
export function jsonText(value: object, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(driving, (found) =>
    found === '\n' ? found : `\\u${(found.codePointAt(0) as number).toString(16).padStart(4, '0')}`,
  )
}

/** Control characters, marks that turn the direction of writing, and breaks that are none to us. */
const driving = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu
const esc = String.fromCharCode(27)
/** The codes of `chalkPaint`; what hides or reverses text is none. */
const ourColours = '(?:1|2|22|3[1-6]|39)'
const drivingOrColour = new RegExp(`${esc}\\[${ourColours}m|${driving.source}`, 'gu')

/**
 * Names, aliases and messages come from files, from the kernel and from whoever set them there: what could drive a
 * terminal becomes a middle dot. Line breaks and tabs pass, and colours where we paint.
 */
export function harmless(text: string, painted: boolean): string {
  return text.replaceAll('\r\n', '\n').replace(drivingOrColour, (found) => {
    if (found.length > 1) return painted ? found : `·${found.slice(1)}`
    return found === '\n' || found === '\t' ? found : '·'
  })
}

/** No colours at all. */
export const plain: Paint = chalkPaint(0)

/**
 * --no-color wins, then FORCE_COLOR (`0` and `false` mean off), then NO_COLOR when not empty
 * (no-color.org), then whether the stream is a terminal that can.
 */
export function wantsColor(
  env: Readonly<Record<string, string | undefined>>,
  flag: boolean,
  isTerminal: boolean,
): boolean {
  if (!flag) return false
  const force = env.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  return isTerminal && env.TERM !== 'dumb'
}

function paintFor(
  flag: boolean,
  isTerminal: boolean,
  support: false | { readonly level: ColorSupportLevel },
): Paint {
  if (!wantsColor(process.env, flag, isTerminal)) return plain
  return chalkPaint(support === false || support.level === 0 ? 1 : support.level)
}

function chalkPaint(level: ColorSupportLevel): Paint {
  const chalk: ChalkInstance = new Chalk({ level })
  return {
    error: chalk.red.bold,
    warning: chalk.yellow,
    note: chalk.cyan,
    strong: chalk.bold,
    faint: chalk.dim,
    help: chalk.cyan,
    good: chalk.green,
    bad: chalk.red,
  }
}
