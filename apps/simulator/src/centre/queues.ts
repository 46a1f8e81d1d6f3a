import { seconds, type QueueModel } from './model.js';

export const OFFICE_DAY = [
  0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.6, 2, 6, 9, 10, 9.5, 7.5, 7.8, 8.5, 8.6, 8.2, 7.5, 5.5, 3.5, 2.2, 1.4, 0.8, 0.4,
];
export const ROUND_THE_CLOCK = [3, 2, 2, 2, 2, 3, 4, 5, 6, 6, 6, 5, 5, 5, 5, 5, 6, 6, 7, 7, 6, 5, 4, 4];
export const WEEK = [1.15, 1.02, 1, 1, 1.02, 0.45, 0.2];
export const OFFICE_HOURS = {
  mon: ['08:00-20:00'],
  tue: ['08:00-20:00'],
  wed: ['08:00-20:00'],
  thu: ['08:00-20:00'],
  fri: ['08:00-20:00'],
  sat: ['09:00-17:00'],
};

/** A telephone queue of middling size; the others are told by how they differ. */
export const voiceQueue = (
  queue: Pick<QueueModel, 'id' | 'entryPoint' | 'arrivalsPerDay' | 'talk'> & Partial<QueueModel>,
): QueueModel => ({
  channel: 'voice',
  dayCurve: OFFICE_DAY,
  weekCurve: WEEK,
  hours: OFFICE_HOURS,
  atClosing: 'send_away',
  menu: { duration: seconds(22, 0.5), choices: ['1', '2', '3', '0'], hangUpShare: 0.02 },
  skills: [queue.id],
  priority: 0,
  patience: { kind: 'lognormal', ...seconds(420, 1.1) },
  ring: seconds(5, 0.5),
  noAnswerShare: 0.015,
  rejectShare: 0.01,
  wrap: seconds(45, 0.7),
  holdShare: 0.18,
  hold: seconds(45, 0.8),
  dropShare: 0.0005,
  redial: { share: 0.3, later: seconds(900, 1) },
  surveyShare: 0.08,
  noShowShare: 0,
  ...queue,
});

/** A queue that is no telephone queue: no menu, no hold, no transfer. */
export const webQueue = (
  id: string,
  channel: QueueModel['channel'],
  arrivalsPerDay: number,
  queue: Pick<QueueModel, 'talk'> & Partial<QueueModel>,
): QueueModel => {
  const {
    menu: _menu,
    patience: _patience,
    ...rest
  } = voiceQueue({ id, entryPoint: `web-${id}`, arrivalsPerDay, talk: queue.talk });
  return { ...rest, channel, holdShare: 0, redial: { share: 0, later: seconds(900, 1) }, ...queue };
};
