// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN0001 to LVN0999: files that cannot be read or written, and our own failures.
 */
import type { Explanations } from './explanation.ts'

export const files: Explanations = {
  LVN0001: {
    title: 'lvn failed in a way it should not',
    means:
      'Something happened that the program has no sentence for. That is a mistake of the program, whatever the input was.',
    mend: 'Run the command again with LVN_DEBUG=1, which prints where it happened, and report it with that.',
  },
  LVN0101: {
    title: 'there is no such file',
    means: 'Nothing is at the path that was given, or a part of the path is not a folder.',
    command: 'lvn check no-such-file.lvn',
    mend: 'Check the path. Relative ones start from the folder that the command runs in.',
  },
  LVN0102: {
    title: 'the file is a folder',
    means: 'A command that reads one overlay file was given a folder.',
    command: 'lvn check .',
    mend: 'Name a file in it, or all of them: `lvn check folder/*.lvn`.',
  },
  LVN0103: {
    title: 'a file may not be read',
    means: 'The system refuses to let this user read the file.',
    mend: 'Change its permissions, or run the command as a user that may read it.',
  },
  LVN0104: {
    title: 'a file cannot be read',
    means:
      'The path leads to a device or a socket, or to a pipe where only a file will do: reading it might never end. Or the system failed to read the file; the message gives its own words then.',
    command: 'lvn check /dev/zero',
    mend: 'Name a file, or `-` for standard input. What the system says may point at a disk or a network file system.',
  },
  LVN0105: {
    title: 'a file is not UTF-8 text',
    means:
      'Overlay files are text in UTF-8. This one has bytes that are not, so it is binary or in an older encoding.',
    command: 'lvn check /bin/ls',
    mend: 'Convert it: `iconv -f latin1 -t utf-8 old.lvn > new.lvn`.',
  },
  LVN0106: {
    title: 'a file is not valid',
    means:
      'The file has mistakes, so the command did nothing at all. Each of them is listed with a code of its own. In JSON they are in `diagnostics`.',
    command: 'lvn plan broken.lvn --json',
    mend: 'Mend what is listed; `lvn check` shows it again without touching anything.',
  },
  LVN0107: {
    title: 'a file cannot be written',
    means:
      'A file that the command should write cannot be written: no permission, no space, no such folder; or somebody else, who may write to its folder, has changed the folder meanwhile, or leads there with a symbolic link of theirs to a file that is not theirs. A file that was there before is as it was. Where it is standard output that cannot be written, the command itself has been carried out.',
    command: 'lvn graph overlay.lvn --out /no/such/folder/overlay.svg',
    mend: 'Check the path, the permissions of its folder, and whether the disk is full.',
  },
  LVN0109: {
    title: 'a file is too large',
    means:
      'No overlay file, plan or snapshot is anywhere near as large as this one: it was not read to its end.',
    mend: 'Check the path, and what writes into the pipe.',
  },
  LVN0108: {
    title: 'a result would be written over a source',
    means:
      'The file that a report, a picture or a plan was to be written to is the overlay file that it is made of, or one that this imports, be it under another name. Nothing was written.',
    command: 'lvn graph overlay.lvn --out overlay.lvn',
    mend: 'Name another file for the result.',
  },
}
