/**
 * What a machine of the operator's list may do here, and that it did it is
 * written down by its name. It has no session, and no token of ours.
 */
import type { IncomingMessage } from 'node:http';
import type { Asked } from '../admission/arrival.ts';
import type { AuditEntry } from '../base/log.ts';
import type { Room } from '../base/room.ts';
import type { Machine, MachineReach } from './machines.ts';
import type { GatewayParts } from './parts.ts';

/** Who calls, as far as a machine is known by it. */
export interface Calling {
  readonly incoming: IncomingMessage;
  readonly asked: Asked;
}

/** The machine that calls, if it is one and may reach this. */
export function machineAt(
  { incoming, asked }: Calling,
  reach: MachineReach,
  { machines }: GatewayParts,
): Machine | undefined {
  const { address, header } = asked;
  const machine = machines.which({ address, socket: incoming.socket.remoteAddress ?? '', header });
  return machine?.reaches.has(reach) ? machine : undefined;
}

/** A room, as the audit has it. */
export function roomFacts(room: Room | undefined): Pick<AuditEntry, 'room' | 'tenant'> {
  if (room === undefined) return {};
  return { room: room.name, ...(room.tenant !== undefined && { tenant: room.tenant }) };
}

/** Writes down that a machine was let in. Throws what the audit throws. */
export async function recordMachine(
  { asked }: Pick<Calling, 'asked'>,
  { machine, room }: { readonly machine: Machine; readonly room?: Room },
  { web }: GatewayParts,
): Promise<void> {
  await web.audit.record({
    at: web.clock.now(),
    event: 'machine',
    id: asked.id,
    address: asked.address,
    machine: machine.name,
    ...roomFacts(room),
  });
}
