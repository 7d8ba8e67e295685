/**
 * Do the secrets around the TURN server keep apart those who hold them?
 */
import type { Config } from '../config/load.ts';
import type { Finding } from './finding.ts';

/** Warns where one secret opens two doors: coturn, on whichever machine, and what our module in Prosody may do. */
export function checkTurn({ turn, prosodyModule }: Config): readonly Finding[] {
  const module = prosodyModule.secret?.reveal();
  const { secret, otherSecret, cliPassword } = turn;
  const same = Object.entries({ secret, otherSecret, cliPassword }).flatMap(([name, one]) =>
    one !== undefined && one.reveal() === module ? [`turn.${name}`] : [],
  );
  if (same.length === 0) return [];
  const warning = `${same.join(' and ')} is prosodyModule.secret too: whoever reads coturn's file could say who is in which meeting; right would be a secret for each (openssl rand -base64 48)`;
  return [{ subject: 'turn', warning, complaints: [] }];
}
