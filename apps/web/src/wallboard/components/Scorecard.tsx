import type { ComponentChildren } from 'preact';
import { useWallboard } from '../context.js';
import { hourTime, percent, seconds } from '../figures.js';
import { useLoaded } from '../loaded.js';
import { isServed, loadScores, type EstimatorScore } from '../scorecard.js';
import { ESTIMATORS, type Estimator, type WallboardKey } from '../words.js';

const COLUMNS: readonly [name: WallboardKey, meaning: WallboardKey][] = [
  ['scored', 'scoredMeans'],
  ['coverage', 'coverageMeans'],
  ['coverageQueued', 'coverageQueuedMeans'],
  ['longer', 'longerMeans'],
  ['mae', 'maeMeans'],
  ['maeQueued', 'maeQueuedMeans'],
  ['rmse', 'rmseMeans'],
  ['bias', 'biasMeans'],
  ['pinballLoss', 'pinballLossMeans'],
];

const isEstimator = (id: string): id is Estimator => ESTIMATORS.some((known) => known === id);

const Row = ({ name, score }: { readonly name: string; readonly score: EstimatorScore }) => {
  const { locale } = useWallboard().words;
  const { scored, mae, maeQueued, rmse, bias, losses, coverage, coverageQueued, longer } = score;
  const duration = (milliseconds: number | null): string =>
    milliseconds === null ? '–' : seconds(milliseconds, locale);
  const share = (value: number | null): string => (value === null ? '–' : percent(value, locale));
  return (
    <>
      <th scope="row">{name}</th>
      <td>{new Intl.NumberFormat(locale).format(scored)}</td>
      <td>{share(coverage)}</td>
      <td>{share(coverageQueued)}</td>
      <td>{share(longer)}</td>
      <td>{duration(mae)}</td>
      <td>{duration(maeQueued)}</td>
      <td>{duration(rmse)}</td>
      <td>{duration(bias)}</td>
      <td>{losses.map(duration).join(' / ')}</td>
    </>
  );
};

/** A line for each estimator or, under the name of the one that is told, for each hour. */
const Scores = ({ title, children }: { readonly title: WallboardKey; readonly children: ComponentChildren }) => {
  const { say } = useWallboard().words;
  return (
    <div class="windows-scroll" role="region" aria-label={say(title)} tabIndex={0}>
      <table class="windows-table scorecard">
        <thead>
          <tr>
            <th scope="col">{say(title)}</th>
            {COLUMNS.map(([name, meaning]) => (
              <th key={name} scope="col">
                <abbr title={say(meaning)}>{say(name)}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
};

/**
 * How good today's estimates have been, over the day and by the hour, and what the rules of others would have been worth on
 * the same contacts.
 */
export const Scorecard = ({ queue, from }: { readonly queue: string; readonly from: number }) => {
  const { board, words } = useWallboard();
  const { say, locale } = words;
  const loaded = useLoaded(() => loadScores(queue, from, board.now.peek()), [queue, from]);
  if (!loaded) return <p class="windows-message">{say('windowsLoading')}</p>;
  if ('problem' in loaded) return <p class="windows-message">{say('chartFailed', { reason: loaded.problem })}</p>;
  const { total, hours } = loaded.result;
  if (total.length === 0) return <p class="windows-message">{say('scorecardEmpty')}</p>;
  return (
    <>
      <Scores title="scorecardDay">
        {total.map((score) => (
          <tr key={score.predictor} data-served={isServed(score) ? '' : undefined}>
            <Row
              name={isEstimator(score.predictor) ? say(`estimator_${score.predictor}`) : score.predictor}
              score={score}
            />
          </tr>
        ))}
      </Scores>
      <Scores title="scorecardHours">
        {hours.map((score) => (
          <tr key={score.start}>
            <Row name={hourTime(score.start, locale)} score={score} />
          </tr>
        ))}
      </Scores>
    </>
  );
};
