import { useWallboard } from '../context.js';
import { wallTime } from '../figures.js';
import { SPEEDS, type Speed } from '../replay.js';

const DAY_SECONDS = 86_400;
const two = (value: number): string => String(value).padStart(2, '0');

/** An instant as `datetime-local` has it, in the viewer's zone. */
const localText = (at: number): string => {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};
const midnight = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

const fullDate = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(at);

/** Where one is in the past, and how one moves there: always in sight while the board is not live. */
export const ReplayBar = () => {
  const { replay, words, board } = useWallboard();
  const { say, locale } = words;
  const at = replay.at.value;
  const playing = replay.playing.value;
  const failure = replay.failure.value;
  // A clock that runs on would take the value away from under the hand that sets it.
  const hold = (): void => {
    if (playing) replay.toggle();
  };
  return (
    <section class="replay" aria-label={say('replayTitle')}>
      <p class="replay-banner">
        <strong role="status">{say('replayBanner')}</strong>
        <time dateTime={new Date(at).toISOString()}>
          {fullDate(at, locale)}, {wallTime(at, locale)}
        </time>
      </p>
      <div class="replay-controls">
        <button type="button" class="control replay-play" onClick={() => replay.toggle()}>
          {say(playing ? 'replayPause' : 'replayPlay')}
        </button>
        <select
          class="control"
          aria-label={say('replaySpeed')}
          value={replay.speed.value}
          onChange={({ currentTarget }) => replay.run(Number(currentTarget.value) as Speed)}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speed}×
            </option>
          ))}
        </select>
        <input
          type="datetime-local"
          class="control"
          aria-label={say('replayAt')}
          step="1"
          value={localText(at)}
          max={localText(replay.latest())}
          onPointerDown={hold}
          onKeyDown={({ key }) => key !== 'Tab' && hold()}
          onChange={({ currentTarget }) => {
            const chosen = new Date(currentTarget.value).getTime();
            if (Number.isFinite(chosen)) replay.seek(chosen);
          }}
        />
        <input
          type="range"
          class="replay-scrub"
          aria-label={say('replayScrub')}
          aria-valuetext={wallTime(at, locale)}
          min={0}
          max={DAY_SECONDS - 1}
          step={60}
          value={Math.floor((at - midnight(at)) / 1000)}
          onPointerDown={hold}
          onKeyDown={({ key }) => key !== 'Tab' && hold()}
          onChange={({ currentTarget }) => replay.seek(midnight(at) + Number(currentTarget.value) * 1000)}
        />
        <fieldset class="replay-side">
          <legend class="visually-hidden">{say('replaySide')}</legend>
          {(['then', 'now'] as const).map((side) => (
            <label key={side}>
              <input
                type="radio"
                name="replay-side"
                checked={replay.side.value === side}
                onChange={() => replay.show(side)}
              />
              <span>{say(side === 'then' ? 'replayThen' : 'replayNow')}</span>
            </label>
          ))}
        </fieldset>
        <button type="button" class="control replay-live" onClick={() => replay.leave()}>
          {say('replayLive')}
        </button>
      </div>
      {failure !== null && (
        <p role="alert" class="replay-note">
          {say('replayFailed', { reason: failure })}
        </p>
      )}
      {failure === null && replay.nothing.value && board.infos.value.size > 0 && (
        <p role="status" class="replay-note">
          {say('replayNothing')}
        </p>
      )}
    </section>
  );
};
