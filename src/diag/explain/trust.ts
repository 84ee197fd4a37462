// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN6101 to LVN6199: saved plans, snapshots, confirmations, roll-backs and prunes that are refused.
 */
import type { Explanations } from './explanation.ts'

export const trust: Explanations = {
  LVN6101: {
    title: 'a plan without a kernel needs a node',
    means:
      '`--against none` plans for a node with nothing on it. Nothing tells which node of the file that is.',
    command: 'lvn plan --against none overlay.lvn',
    mend: 'Say it with `--node`.',
  },
  LVN6102: {
    title: 'a file is no snapshot',
    means:
      'What `--against` names is not what `lvn snapshot` writes, or is of another version of the program.',
    mend: 'Make one on the node: `lvn snapshot > node.json`.',
  },
  LVN6103: {
    title: 'a prune would remove too much',
    means:
      '`--prune` removes what overlays outside of the file have on this host. It would be more than a fifth of all that L-VN has here, which is more likely the wrong file than a wish.',
    mend: 'Look at the plan. Where it is right, `--prune-all` does it.',
  },
  LVN6104: {
    title: 'an apply waits for a confirmation',
    means:
      'An apply with `--confirm` has been made and not been confirmed yet. Until then nothing else changes this host, so that it can be taken back.',
    mend: '`lvn confirm` keeps it, `lvn confirm --revert` takes it back now.',
  },
  LVN6105: {
    title: 'nobody could revert',
    means:
      '`--confirm` starts a process that takes the change back when no confirmation comes. It cannot be started, so nothing was changed.',
    mend: 'See the reason in the message: limits on processes or memory are the usual ones.',
  },
  LVN6106: {
    title: 'no apply waits for a confirmation',
    means:
      'There is nothing to confirm in this network namespace: the last apply has been taken back already, nobody waits for it any more, or there was none.',
    command: 'lvn confirm',
    mend: 'See `lvn history`. A namespace of its own is named with `--netns`.',
  },
  LVN6107: {
    title: 'a confirmation comes too late',
    means: 'The time of `--confirm` is out, and what was there before is being restored.',
    mend: 'Wait for it to end, then apply again with a longer time.',
  },
  LVN6108: {
    title: 'the process that would revert does not answer',
    means:
      'The process that keeps the time of `--confirm` is there but does not answer: it is stopped, or in another container.',
    mend: 'Do what the help line says. If the process is ended by force, the change stays.',
  },
  LVN6109: {
    title: 'a change cannot be reverted yet',
    means:
      'An apply with `--confirm` is to be taken back, and the tries so far have failed, as the message says. It is tried again until it succeeds, at least every 30 s.',
    mend: 'Take away what the message names. `lvn confirm --revert` has it tried at once, `lvn confirm` keeps the change.',
  },
  LVN6110: {
    title: 'a file is no saved plan',
    means: 'The file has neither the first line of an overlay file nor the form of a saved plan.',
    mend: 'Save plans with `lvn plan overlay.lvn --out change.plan`.',
  },
  LVN6111: {
    title: 'the live state has moved since a plan was saved',
    means:
      'A saved plan is carried out as it was looked at, or not at all. Something that it was made from is different now, so nothing was changed.',
    mend: 'Plan anew, look at it, and apply that.',
  },
  LVN6113: {
    title: 'an option belongs to the planning',
    means: 'A saved plan is carried out as it is. The option would make it another one.',
    mend: 'Give the option to `lvn plan`, and save its plan.',
  },
  LVN6114: {
    title: 'a time of a confirmation is not possible',
    means:
      'The time of `--confirm` is from 1s to 24h. Mesh routing may need a minute or two until the way back works.',
    mend: 'Write it as the language does: `--confirm 90s`, `--confirm 5m`.',
  },
  LVN6115: {
    title: 'a saved plan is for the other data plane',
    means:
      'The plan was made for one data plane, and this host uses another one now. Its steps would not fit.',
    mend: 'Choose the plane with `--plane`, or make the plan anew.',
  },
  LVN6116: {
    title: 'a saved plan stands for an overlay file',
    means:
      'The file was written by `lvn plan --out`. It holds the overlay file that it was made from, and what was planned, but is none itself.',
    command: 'lvn check change.plan',
    mend: '`lvn apply change.plan` carries it out. Give other commands the overlay file.',
  },
  LVN6117: {
    title: 'a saved plan does not say what its sources come to',
    means:
      'A saved plan is carried out as it reads, or not at all. It is planned again from the sources and host names that it holds. The step at the place that the message names comes out otherwise than the plan says: the file has been edited, something on this node has changed, or another version of L-VN made the plan.',
    mend: 'Plan anew from the overlay file, look at it, and apply that.',
  },
  LVN6120: {
    title: 'there is no such entry to roll back to',
    means:
      '`lvn rollback N` goes back to the source that was applied N steps ago. The journal does not hold so many.',
    mend: '`lvn history` lists what there is.',
  },
  LVN6121: {
    title: 'the folder of the journal cannot be used',
    means:
      'Applied sources and waiting confirmations are kept in a folder of the host, and it cannot be made or written.',
    mend: 'Run it as root, or name another folder with LVN_STATE_DIR.',
  },
}
