// SPDX-License-Identifier: MIT
/**
 * The sentences for a tunnel id that cannot be had, the same on every plane.
 */

export function takenId(id: number): string {
  return `tunnel id ${id} is taken`
}

export function noSuchId(id: number, capacity: number): string {
  return `there is no tunnel id ${id}: it was made for ${capacity === 1 ? '1 tunnel' : `${capacity} tunnels`}`
}

export function otherId(name: string, id: number): string {
  return `tunnel ${name} has the id ${id}, which cannot be changed`
}
