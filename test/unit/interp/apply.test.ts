// SPDX-License-Identifier: MIT
/** Carrying out: batches, progress, and how what fails is taken back, on a kernel that answers as it is told to. */
import { describe, expect, it, test } from 'vitest'
import { apply, takeAllBack } from '../../../src/interp/5-apply.ts'
import type { ApplyProgress, KernelOperation, Step } from '../../../src/interp/types.ts'
import type { Kernel, OnProgress, OnTaken, OperationResult } from '../../../src/model/kernel.ts'

/** `plane a`, `host b`: where an operation goes, and its name. */
const operation = (text: string): KernelOperation => {
  const [target, path] = text.split(' ')
  return { target, operation: { op: 'write', kind: 'sysctl', path, value: '' } } as never
}
/** One operation for each word, taken back by `-word`. */
const step = (id: string, ...texts: string[]): Step => ({
  change: { id } as never,
  operations: texts.map(operation),
  undo: texts.map((text) => [operation(text.replace(' ', ' -'))]),
})

class Scripted {
  readonly batches: string[] = []
  readonly heard: boolean[] = []

  constructor(
    private readonly answer: (name: string) => OperationResult | 'dies' | 'text' | 'silence' = () => ({
      status: 'done',
    }),
  ) {}

  readonly kernel = {
    plane: {
      apply: (list: readonly object[], progress?: OnProgress, taken?: OnTaken) => {
        this.heard.push(taken !== undefined)
        taken?.('a socket of pid 7')
        return this.run('plane', list, progress)
      },
    },
    host: { apply: (list: readonly object[], progress?: OnProgress) => this.run('host', list, progress) },
  } as unknown as Kernel

  private run(target: string, list: readonly object[], progress: OnProgress = () => {}): OperationResult[] {
    const names = list.map((each) => (each as { path: string }).path)
    this.batches.push(`${target} ${names.join(' ')}`)
    const results: OperationResult[] = []
    for (const name of names) {
      const answer = this.answer(name)
      if (answer === 'dies') throw new Error('gone')
      if (answer === 'text') throw 'a text'
      if (answer === 'silence') return results
      results.push(answer)
      if (answer.status !== 'done') break
      progress(results.length)
    }
    return results
  }
}

const failing = (...names: string[]) =>
  new Scripted((name) =>
    names.includes(name) ? { status: 'failed', error: new Error(`no ${name}`) } : { status: 'done' },
  )
const outcome = (report: ReturnType<typeof apply>) => [
  report.outcome,
  ...report.steps.map(({ step: { change }, status, error }) =>
    [change.id, status, ...(error === undefined ? [] : [error.message])].join(' '),
  ),
]

const steps = [step('A', 'plane a', 'plane b'), step('B', 'plane c', 'host d'), step('C', 'host e')]

describe('an apply', () => {
  it('hands operations of one target over together, and tells how far it is', () => {
    const script = new Scripted()
    const seen: ApplyProgress[] = []
    const report = apply(script.kernel, steps, (progress) => seen.push(progress))
    expect(script.batches).toEqual(['plane a b c', 'host d e'])
    expect(seen).toEqual([1, 2, 3, 4, 5].map((done) => ({ phase: 'apply', done, total: 5 })))
    expect(outcome(report)).toEqual(['done', 'A done', 'B done', 'C done'])
    expect(report).not.toHaveProperty('taken')
  })

  it('of nothing asks nothing', () => {
    const script = new Scripted()
    expect(apply(script.kernel, [])).toEqual({ outcome: 'done', steps: [] })
    expect(script.batches).toEqual([])
  })

  it('that fails is taken back from the last to the first, and tells how far that is', () => {
    const script = failing('e')
    const seen: ApplyProgress[] = []
    const report = apply(script.kernel, steps, (progress) => seen.push(progress))
    expect(script.batches).toEqual(['plane a b c', 'host d e', 'host -d', 'plane -c -b -a'])
    expect(seen.filter(({ phase }) => phase === 'undo')).toEqual(
      [1, 2, 3, 4].map((done) => ({ phase: 'undo', done, total: 4 })),
    )
    expect(outcome(report)).toEqual(['rolled-back', 'A undone', 'B undone', 'C failed no e'])
    expect(report.steps[0]).not.toHaveProperty('error')
  })

  it('that fails in the middle of a step takes its beginning back, and tries nothing after it', () => {
    const script = failing('b')
    expect(outcome(apply(script.kernel, steps))).toEqual([
      ...['rolled-back', 'A failed no b', 'B not-tried', 'C not-tried'],
    ])
    expect(script.batches).toEqual(['plane a b c', 'plane -a'])
  })

  it('goes on taking back after what cannot be; the first error of a step is told', () => {
    const script = failing('e', '-c', '-b', '-a')
    const seen: ApplyProgress[] = []
    const report = apply(script.kernel, steps, (progress) => seen.push(progress))
    expect(script.batches.slice(2)).toEqual(['host -d', 'plane -c -b -a', 'plane -b -a', 'plane -a'])
    expect(seen.filter(({ phase }) => phase === 'undo').map(({ done }) => done)).toEqual([1])
    expect(outcome(report)).toEqual([
      ...['partly-applied', 'A undo-failed no -b', 'B undo-failed no -c', 'C failed no e'],
    ])
  })

  it.each([
    ['dies', 'gone'],
    ['text', 'a text'],
    ['silence', 'the kernel was not asked to write the sysctl'],
  ] as const)('takes a batch that %s for one that failed', (how, message) => {
    const script = new Scripted((name) => (name === 'd' ? how : { status: 'done' }))
    expect(outcome(apply(script.kernel, steps))).toEqual([
      ...['rolled-back', 'A undone', `B failed ${message}`, 'C not-tried'],
    ])
  })

  it('takes an operation that was not tried for one that failed', () => {
    const script = new Scripted((name) => ({ status: name === 'c' ? 'not-tried' : 'done' }) as never)
    expect(outcome(apply(script.kernel, steps))).toEqual([
      ...['rolled-back', 'A undone', 'B failed the kernel was not asked to write the sysctl', 'C not-tried'],
    ])
  })
})

describe('sockets of others on ports of tunnels', () => {
  it('are told only of what was there before: in the way back, and where something is taken back', () => {
    const forth = new Scripted()
    expect(apply(forth.kernel, steps)).not.toHaveProperty('taken')
    expect(forth.heard).toEqual([false])
    const back = new Scripted()
    expect(apply(back.kernel, steps, () => {}, true).taken).toEqual(['a socket of pid 7'])
    const undone = failing('e')
    expect(apply(undone.kernel, steps).taken).toEqual(['a socket of pid 7'])
    expect(undone.heard).toEqual([false, true])
  })
})

test('all of a plan is taken back, and what cannot be is told', () => {
  const script = new Scripted()
  const report = takeAllBack(script.kernel, steps)
  expect(script.batches).toEqual(['host -e -d', 'plane -c -b -a'])
  expect(outcome(report)).toEqual(['rolled-back', 'A undone', 'B undone', 'C undone'])
  expect(report.taken).toEqual(['a socket of pid 7'])
  expect(outcome(takeAllBack(failing('-c').kernel, steps))).toEqual([
    ...['partly-applied', 'A undone', 'B undo-failed no -c', 'C undone'],
  ])
  expect(takeAllBack(script.kernel, [step('C', 'host e')])).not.toHaveProperty('taken')
})
