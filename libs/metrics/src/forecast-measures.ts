import type { Measure, MeasureKind } from './measure.js';

const measure = (name: string, value: string | null, condition: string, meaning: string): Measure => ({
  name,
  kind: 'sum' satisfies MeasureKind,
  source: 'forecasts',
  condition,
  value,
  meaning,
  moment: 'queued',
  stretch: null,
});

const SCORED = 'is_told AND is_answered';
const BANDED = 'is_banded AND is_answered';
const QUEUED = 'waited > 1000';
const OVER = 'toUInt64(greatest(p50 - waited, 0))';
const UNDER = 'toUInt64(greatest(waited - p50, 0))';

/** Ten times the quantile loss of an end, so that it is whole: per millisecond beyond it, and short of it. */
const loss = (end: string, beyond: number): string =>
  `toUInt64(if(waited >= ${end}, ${beyond} * (waited - ${end}), ${10 - beyond} * (${end} - waited)))`;

/**
 * Measures of legs beside what was forecast of them when they joined. The source has, per leg and estimator: `is_told`,
 * `is_banded`, `is_answered`, `is_abandoned`, `waited`, `low`, `p50`, `high` (milliseconds, signed).
 */
export const FORECAST_MEASURES: readonly Measure[] = [
  measure('waits_told', null, 'is_told', 'Joined when there was an estimate.'),
  measure('waits_untold', null, 'NOT is_told', 'Joined when there was none.'),
  measure('told_answered', null, SCORED, 'Were told an estimate and are answered.'),
  measure('told_abandoned', null, 'is_told AND is_abandoned', 'Were told an estimate and hung up.'),
  measure('told_over_ms', OVER, SCORED, 'Told beyond what was waited.'),
  measure('told_under_ms', UNDER, SCORED, 'Waited beyond what was told.'),
  measure(
    'told_squares',
    'toUInt64(intDiv((p50 - waited) * (p50 - waited) + 500, 1000))',
    SCORED,
    'Squares of told minus waited, in thousands of square milliseconds.',
  ),
  measure('told_within_30s', null, `${SCORED} AND abs(p50 - waited) <= 30000`, 'Told to within 30 s.'),
  measure('told_over_60s', null, `${SCORED} AND waited - p50 > 60000`, 'Waited over 60 s longer than told.'),
  measure('banded_answered', null, BANDED, 'Were told a band and are answered.'),
  measure('banded_inside', null, `${BANDED} AND waited BETWEEN low AND high`, 'Waited within the band.'),
  measure('banded_longer', null, `${BANDED} AND waited > high`, 'Waited longer than the upper end of the band.'),
  measure('banded_width_ms', 'toUInt64(high - low)', BANDED, 'Widths of the bands.'),
  measure('banded_low_loss', loss('low', 1), BANDED, 'Ten times the quantile loss of the lower ends.'),
  measure('banded_high_loss', loss('high', 9), BANDED, 'Ten times the quantile loss of the upper ends.'),
  measure('told_queued_answered', null, `${SCORED} AND ${QUEUED}`, 'Scored, and waited more than a second.'),
  measure('told_queued_off_ms', `${OVER} + ${UNDER}`, `${SCORED} AND ${QUEUED}`, 'Distances, of those who queued.'),
  measure('banded_queued_answered', null, `${BANDED} AND ${QUEUED}`, 'Were told a band and queued.'),
  measure(
    'banded_queued_inside',
    null,
    `${BANDED} AND ${QUEUED} AND waited BETWEEN low AND high`,
    'Waited within the band, of those who queued.',
  ),
];
