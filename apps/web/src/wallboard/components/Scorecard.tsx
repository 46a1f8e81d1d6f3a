import { useWallboard } from '../context.js';
import { percent, seconds } from '../figures.js';
import { useLoaded } from '../loaded.js';
import { loadScores, type EstimatorScore } from '../scorecard.js';
import { ESTIMATORS, type Estimator, type WallboardKey } from '../words.js';

const COLUMNS: readonly [name: WallboardKey, meaning: WallboardKey][] = [
  ['scored', 'scoredMeans'],
  ['mae', 'maeMeans'],
  ['maeQueued', 'maeQueuedMeans'],
  ['bias', 'biasMeans'],
  ['coverage', 'coverageMeans'],
  ['longer', 'longerMeans'],
];

const isEstimator = (id: string): id is Estimator => ESTIMATORS.some((known) => known === id);

const Row = ({ score }: { readonly score: EstimatorScore }) => {
  const { say, locale } = useWallboard().words;
  const { predictor, scored, mae, maeQueued, bias, coverage, longer } = score;
  const duration = (milliseconds: number | null): string =>
    milliseconds === null ? '–' : seconds(milliseconds, locale);
  const share = (value: number | null): string => (value === null ? '–' : percent(value, locale));
  return (
    <tr data-served={predictor === 'served' ? '' : undefined}>
      <th scope="row">{isEstimator(predictor) ? say(`estimator_${predictor}`) : predictor}</th>
      <td>{new Intl.NumberFormat(locale).format(scored)}</td>
      <td>{duration(mae)}</td>
      <td>{duration(maeQueued)}</td>
      <td>{duration(bias)}</td>
      <td>{share(coverage)}</td>
      <td>{share(longer)}</td>
    </tr>
  );
};

/** How good today's estimates have been, and what the rules of others would have been worth on the same contacts. */
export const Scorecard = ({ queue, from }: { readonly queue: string; readonly from: number }) => {
  const { board, words } = useWallboard();
  const { say } = words;
  const loaded = useLoaded(() => loadScores(queue, from, board.now.peek()), [queue, from]);
  if (!loaded) return <p class="windows-message">{say('windowsLoading')}</p>;
  if ('problem' in loaded) return <p class="windows-message">{say('chartFailed', { reason: loaded.problem })}</p>;
  if (loaded.result.length === 0) return <p class="windows-message">{say('scorecardEmpty')}</p>;
  return (
    <div class="windows-scroll" role="region" aria-label={say('scorecard')} tabIndex={0}>
      <table class="windows-table scorecard">
        <thead>
          <tr>
            <td />
            {COLUMNS.map(([name, meaning]) => (
              <th key={name} scope="col">
                <abbr title={say(meaning)}>{say(name)}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {loaded.result.map((score) => (
            <Row key={score.predictor} score={score} />
          ))}
        </tbody>
      </table>
    </div>
  );
};
