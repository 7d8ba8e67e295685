/**
 * What is odd about the settings of the TURN server: one secret for two, or nobody who gets anything.
 */
import type { Config } from '../config/load.ts';
import type { Finding } from './finding.ts';

/** What works in the settings of the TURN server, and hardly can be meant. */
export function checkTurn(config: Config): readonly Finding[] {
  return [...oneSecretForTwo(config), ...nobodyGetsAny(config)];
}

/** coturn knows nobody but by a row, and what Jitsi's own clients ask makes none. */
function nobodyGetsAny({ turn, prosodyModule }: Config): readonly Finding[] {
  if (turn.database === undefined || turn.urls.length === 0 || prosodyModule.secret !== undefined) return [];
  const warning =
    "with turn.database coturn takes nobody but whom we tell it of, and Jitsi's own clients ask Prosody: they get nothing that opens it; right would be our module there too (prosodyModule.secret), which asks us";
  return [{ subject: 'turn', warning, complaints: [] }];
}

/** One secret opens two doors: coturn, on whichever machine, and what our module in Prosody may do. */
function oneSecretForTwo({ turn, prosodyModule }: Config): readonly Finding[] {
  const module = prosodyModule.secret?.reveal();
  const { secret, otherSecret, cliPassword } = turn;
  const same = Object.entries({ secret, otherSecret, cliPassword }).flatMap(([name, one]) =>
    one !== undefined && one.reveal() === module ? [`turn.${name}`] : [],
  );
  if (same.length === 0) return [];
  const warning = `${same.join(' and ')} is prosodyModule.secret too: whoever reads coturn's file could say who is in which meeting; right would be a secret for each (openssl rand -base64 48)`;
  return [{ subject: 'turn', warning, complaints: [] }];
}
