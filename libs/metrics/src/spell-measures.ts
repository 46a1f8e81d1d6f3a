/** An aggregate over pieces of agents' spells: rows with `site`, `agent`, `state`, `reason` and `piece_ms`. */
export interface SpellMeasure {
  readonly name: string;
  readonly sql: string;
  readonly meaning: string;
}

const time = (name: string, condition: string, meaning: string): SpellMeasure => ({
  name,
  sql: `sumIf(toUInt64(piece_ms), ${condition})`,
  meaning,
});

const STAFFED = "state != 'offline'";

/** What agent metrics are made of. Every spell is cut at the edges of intervals; a running one lasts until now. */
export const SPELL_MEASURES: readonly SpellMeasure[] = [
  time('staffed_ms', STAFFED, 'Signed in, in whatever state.'),
  time('available_ms', "state = 'available'", 'Ready for a contact, with none.'),
  time('ringing_ms', "state = 'offered'", 'A contact rings.'),
  time('busy_ms', "state = 'busy'", 'With a contact.'),
  time('wrapping_ms', "state = 'wrap_up'", 'Wrapping up.'),
  time('away_ms', "state = 'away'", 'Signed in, and away for a reason.'),
  {
    name: 'away_by_reason',
    sql: `sumMapIf(map(ifNull(reason, ''), toUInt64(piece_ms)), state = 'away')`,
    meaning: 'Time away by the reason given.',
  },
  {
    name: 'agent_keys',
    sql: `groupUniqArrayIf(sipHash64(site, agent), ${STAFFED})`,
    meaning: 'The agents signed in, hashed.',
  },
];
