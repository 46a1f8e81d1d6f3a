import { useState } from 'preact/hooks';
import { pickText } from '../../language/words.js';
import { useWallboard } from '../context.js';
import { ratioText, wallTime } from '../figures.js';
import { surgeDraft, untoldSurge, type Draft } from '../notices.js';

/** Queues that far more contacts arrive at than usual, with a notice to suggest. Nothing is published from here. */
export const Surges = ({ suggest }: { readonly suggest: (draft: Draft) => void }) => {
  const { board, words } = useWallboard();
  const { say, language, locale } = words;
  /** Suggestions that the supervisor does not want, by queue: since when that surge is. */
  const [declined, setDeclined] = useState<Readonly<Record<string, number>>>({});
  const surges = [...board.infos.value.values()].flatMap(({ queue, name }) => {
    const frame = board.frame(queue).value;
    const surge = frame && untoldSurge(frame);
    return surge && declined[queue] !== surge.since ? [{ queue, name: pickText(name, language, queue), surge }] : [];
  });
  return (
    <div class="surges" role="status">
      {surges.map(({ queue, name, surge: { ratio, since } }) => (
        <p key={queue} class="surge">
          <span>
            <strong>{name}</strong>:{' '}
            {say('surge', { ratio: ratioText(ratio, locale), time: wallTime(since, locale).slice(0, 5) })}
          </span>
          <button type="button" class="control control-main" onClick={() => suggest(surgeDraft(queue))}>
            {say('surgeSuggest')}
            <span class="visually-hidden"> {name}</span>
          </button>
          <button type="button" class="control" onClick={() => setDeclined({ ...declined, [queue]: since })}>
            {say('surgeDecline')}
            <span class="visually-hidden"> {name}</span>
          </button>
        </p>
      ))}
    </div>
  );
};
