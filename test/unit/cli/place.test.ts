// SPDX-License-Identifier: MIT
/**
 * Files written by root into a folder whose owner changes it meanwhile. The attacker acts between two calls of the
 * system that the product makes: `meanwhile` is called before the one that is named.
 */
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { logLine } from '../../../src/shell/cli/guard/log.ts'
import { putText, replaceFile } from '../../../src/shell/cli/replace-file.ts'
import { putFile } from '../../../src/shell/cli/state/put-file.ts'

type Call = 'openSync' | 'lstatSync' | 'fsyncSync' | 'fchmodSync' | 'renameSync'
let meanwhile: Partial<Record<Call, () => void>> = {}

const calls: readonly Call[] = ['openSync', 'lstatSync', 'fsyncSync', 'fchmodSync', 'renameSync']
const system = Object.fromEntries(calls.map((call) => [call, fs[call]]))
beforeAll(() => {
  const before = (call: Call) => {
    const real = fs[call] as (...args: unknown[]) => unknown
    return (...args: unknown[]) => {
      const act = meanwhile[call]
      delete meanwhile[call]
      act?.()
      return real(...args)
    }
  }
  replaceCalls(Object.fromEntries(calls.map((call) => [call, before(call)])))
})
afterAll(() => replaceCalls(system))

/** For all who import them, who have done so already too. */
function replaceCalls(by: object): void {
  Object.assign(fs, by)
  syncBuiltinESMExports()
}

const user = 54_321
let root: string
/** The user's. */
let folder: string
/** Root's alone. */
let secret: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lvn-place-')))
  chmodSync(root, 0o755)
  folder = join(root, 'theirs')
  mkdirSync(folder)
  secret = join(root, 'secret')
  writeFileSync(secret, 'secret\n', { mode: 0o600 })
  writeFileSync(join(folder, 'x.lvn'), 'old\n')
  chmodSync(join(folder, 'x.lvn'), 0o640)
  for (const path of [folder, join(folder, 'x.lvn')]) chownSync(path, user, user)
})

afterEach(() => {
  meanwhile = {}
  rmSync(root, { recursive: true })
})

const temporary = () => join(folder, readdirSync(folder).find((name) => name.endsWith('.new')) ?? 'none')
const kept = () => readFileSync(join(folder, 'x.lvn'), 'utf8')

function expectSecretUntouched(): void {
  expect(readFileSync(secret, 'utf8')).toBe('secret\n')
  expect(statSync(secret)).toMatchObject({ uid: 0, gid: 0 })
  expect(statSync(secret).mode & 0o7777).toBe(0o600)
}

describe.skipIf(process.getuid?.() !== 0)('a file in a folder of somebody else', () => {
  test('keeps its owner and its mode, and nothing stays beside it', async () => {
    await replaceFile(join(folder, 'x.lvn'), 'new\n')
    expect(kept()).toBe('new\n')
    expect(statSync(join(folder, 'x.lvn'))).toMatchObject({ uid: user, gid: user })
    expect(statSync(join(folder, 'x.lvn')).mode & 0o7777).toBe(0o640)
    expect(readdirSync(folder)).toEqual(['x.lvn'])
  })

  test.each(['fsyncSync', 'fchmodSync', 'lstatSync'] as const)(
    'is as it was where a symbolic link is put at the temporary before %s, which is never followed',
    async (call) => {
      const swap = () => {
        const name = temporary()
        rmSync(name)
        symlinkSync(secret, name)
      }
      // The last look before the rename: the first lstat after the file has been synchronised.
      meanwhile =
        call === 'lstatSync'
          ? {
              fsyncSync: () => {
                meanwhile.lstatSync = swap
              },
            }
          : { [call]: swap }
      await expect(replaceFile(join(folder, 'x.lvn'), 'new\n')).rejects.toThrow(
        /x\.lvn cannot be written: somebody has changed its folder meanwhile/,
      )
      expect(kept()).toBe('old\n')
      expectSecretUntouched()
    },
  )

  test('gives its owner to nothing that is put at the temporary as a hard link', async () => {
    meanwhile.fchmodSync = () => {
      const name = temporary()
      rmSync(name)
      linkSync(secret, name)
    }
    await expect(replaceFile(join(folder, 'x.lvn'), 'new\n')).rejects.toThrow(/meanwhile/)
    expectSecretUntouched()
  })

  test('is written to no folder of root that a link is put to in the place of its own', async () => {
    const roots = join(root, 'roots')
    mkdirSync(roots)
    for (const call of ['openSync', 'fsyncSync'] as const) {
      meanwhile[call] = () => {
        renameSync(folder, `${folder}.away`)
        symlinkSync(roots, folder)
      }
      await replaceFile(join(folder, 'x.lvn'), 'new\n').catch(() => undefined)
      expect(readdirSync(roots)).toEqual([])
      rmSync(folder)
      renameSync(`${folder}.away`, folder)
    }
  })

  test('is not looked for where a link of theirs leads to a file of root', async () => {
    const link = join(folder, 'link')
    symlinkSync(secret, link)
    lchownSync(link, user, user)
    const refusal = new RegExp(`a symbolic link of user ${user} leads to ${secret}, which is not theirs`)
    await expect(replaceFile(link, 'new\n')).rejects.toThrow(refusal)
    await expect(putText(link, 'new\n')).rejects.toThrow(refusal)
    expectSecretUntouched()
  })

  test('is not made where a link of theirs leads to a folder of root', async () => {
    const link = join(folder, 'link')
    symlinkSync(join(root, 'nologin'), link)
    lchownSync(link, user, user)
    await expect(putText(link, 'new\n')).rejects.toThrow(/not theirs/)
    expect(existsSync(join(root, 'nologin'))).toBe(false)
  })

  test('is found through links of theirs to a file of theirs, and through links of root', async () => {
    const [theirs, ours] = [join(folder, 'link'), join(root, 'link')]
    symlinkSync('x.lvn', theirs)
    lchownSync(theirs, user, user)
    symlinkSync('theirs/link', ours)
    await replaceFile(ours, 'new\n')
    expect(kept()).toBe('new\n')
    expect([theirs, ours].every((link) => lstatSync(link).isSymbolicLink())).toBe(true)
  })

  test('of the state is new, and root alone can read it', () => {
    const path = join(folder, 'confirm.json')
    meanwhile.fsyncSync = () => {
      const name = temporary()
      rmSync(name)
      symlinkSync(secret, name)
    }
    expect(() => putFile(path, 'x\n')).toThrow(/meanwhile/)
    putFile(path, 'x\n')
    expect(statSync(path)).toMatchObject({ uid: 0 })
    expect(statSync(path).mode & 0o7777).toBe(0o600)
    expectSecretUntouched()
  })

  test('is not written to as a log where it is a link, or a second name', () => {
    const log = join(folder, 'confirm.log')
    symlinkSync(secret, log)
    logLine(folder, 'line')
    rmSync(log)
    linkSync(secret, log)
    logLine(folder, 'line')
    rmSync(log)
    expectSecretUntouched()
    logLine(folder, 'line')
    expect(readFileSync(log, 'utf8')).toMatch(/ line\n$/)
  })
})
