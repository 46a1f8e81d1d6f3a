import { useState } from 'preact/hooks';
import { useWallboard } from '../context.js';
import { decide, type Decision } from '../decisions.js';
import { wallTime } from '../figures.js';

/** Contacts that their source has probably forgotten: why, and what a supervisor who knows better can do. */
export const Suspects = ({ queue }: { readonly queue: string }) => {
  const { board, replay, words } = useWallboard();
  const { say, locale } = words;
  /** Decided, and not yet seen in a frame. */
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set());
  const [failure, setFailure] = useState<string | null>(null);
  const frame = board.frame(queue).value;
  if (!frame || frame.suspects.length === 0) return null;
  const tell = (decision: Decision, contact: string): void => {
    setFailure(null);
    setDecided((others) => new Set([...others, contact]));
    decide(decision, contact).catch((error: unknown) => {
      setFailure(error instanceof Error ? error.message : String(error));
      setDecided((others) => new Set([...others].filter((other) => other !== contact)));
    });
  };
  // The past is not decided anew.
  const past = replay.board.value !== null;
  const more = frame.suspected - frame.suspects.length;
  return (
    <section class="suspects">
      <h3>{say('suspects')}</h3>
      <p>{say('suspectsText')}</p>
      <div class="suspects-scroll" role="group" aria-label={say('suspects')} tabIndex={0}>
        <table class="waiting-table">
          <thead>
            <tr>
              <th scope="col">{say('contact')}</th>
              <th scope="col">{say('believed')}</th>
              <th scope="col">{say('why')}</th>
              <th scope="col">{say('lastHeard')}</th>
              <th scope="col">{say('decision')}</th>
            </tr>
          </thead>
          <tbody>
            {frame.suspects.map(({ contact, leg, believed, reason, lastHeardAt }) => (
              <tr key={`${contact} ${leg}`}>
                <td>{contact}</td>
                <td>{say(`believed_${believed}`)}</td>
                <td>{say(`suspect_${reason}`)}</td>
                <td>{wallTime(lastHeardAt, locale)}</td>
                <td>
                  <div class="suspects-actions">
                    <button
                      type="button"
                      class="control"
                      disabled={past || decided.has(contact)}
                      onClick={() => tell('reinstate', contact)}
                    >
                      {say('isReal')}
                      <span class="visually-hidden"> {contact}</span>
                    </button>
                    <button
                      type="button"
                      class="control"
                      disabled={past || decided.has(contact)}
                      onClick={() => tell('close', contact)}
                    >
                      {say('isGone')}
                      <span class="visually-hidden"> {contact}</span>
                    </button>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 && <p>{say('moreSuspects', { count: more })}</p>}
      {failure !== null && (
        <p class="suspects-failure" role="alert">
          {say('decisionFailed', { reason: failure })}
        </p>
      )}
    </section>
  );
};
