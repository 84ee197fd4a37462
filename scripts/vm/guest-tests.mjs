// SPDX-License-Identifier: MIT
/**
 * In the guest: loads lvn.ko (LVN_VM_MODULE, where there is one), runs the tests, takes the module out again.
 * The counts go where test.mjs of this folder looks for them.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const module = process.env.LVN_VM_MODULE
const filters = process.argv.slice(2)
const env = { ...process.env, LVN_TEST_COUNTS: join(process.env.LVN_VM_RESULTS, 'counts.json') }

if (module !== undefined) {
  const depends = execFileSync('modinfo', ['-F', 'depends', module], { encoding: 'utf8' }).trim()
  for (const name of depends.split(',').filter((each) => each !== '')) execFileSync('modprobe', [name])
  execFileSync('insmod', [module], { stdio: 'inherit' })
}
const { status } = spawnSync(
  process.execPath,
  [
    ...['node_modules/vitest/vitest.mjs', 'run', '--project', 'netns', '--project', 'vm'],
    ...['--passWithNoTests', '--reporter=verbose', '--reporter=./scripts/test-counts.mjs'],
    ...(filters.length > 0 ? filters : ['test/netns/plane', 'test/vm']),
  ],
  { stdio: 'inherit', env },
)
// A module that cannot go holds something that it should have let go of.
const unloaded = existsSync('/sys/module/lvn') ? spawnSync('rmmod', ['lvn'], { stdio: 'inherit' }).status : 0
process.exit(status === 0 && unloaded === 0 ? 0 : 1)
