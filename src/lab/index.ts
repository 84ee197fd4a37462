// SPDX-License-Identifier: MIT
/**
 * A topology brought up in network namespaces of this machine, from the file alone: up, test, down. Nothing
 * here prints.
 */
export { type Lab, type LabDownReport, labDown, labList } from './down.ts'
export type { ExpectOutcome, LabExpect, Measured } from './expect.ts'
export { cellDenied, cellFailed, cellPending, type PingMatrix, pingMatrices } from './matrix.ts'
export { labName, labPrefix, underlayNamespace } from './names.ts'
export type { Names } from './presence.ts'
export { type LabNodeName, type LabPing, type LabTestOptions, type LabTestReport, labTest } from './test.ts'
export { type LabNodeReport, type LabUpOptions, type LabUpProgress, type LabUpReport, labUp } from './up.ts'
