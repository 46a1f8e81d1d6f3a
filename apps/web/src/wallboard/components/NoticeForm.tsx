import { useRef, useState } from 'preact/hooks';
import { pickText } from '../../language/words.js';
import { useWallboard } from '../context.js';
import { dayTime } from '../figures.js';
import { MOST_CHARACTERS, publishNotice, SEVERITIES, type Draft } from '../notices.js';
import { WALLBOARD_LANGUAGES, wallboardWords } from '../words.js';
import { SeverityMark } from './SeverityMark.js';

const HOUR_MS = 3_600_000;
/** When a notice may end, from now, in hours; the server takes seven days at most. */
const ENDS = [1, 2, 4, 8, 24, 72, 168] as const;
const DEFAULT_END = '4';
const KEEP = 'keep';

const duration = (hours: number, locale: string): string => {
  const [amount, unit] = hours < 48 ? [hours, 'hour'] : [hours / 24, 'day'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
};

interface FormProps {
  readonly draft: Draft;
  readonly done: () => void;
}

/** Writes a notice: where, how grave, what in which language, as it will look, and until when. */
export const NoticeForm = ({ draft: given, done }: FormProps) => {
  const { board, words } = useWallboard();
  const { say, language, locale } = words;
  const [draft, setDraft] = useState<Draft>(given);
  const [ends, setEnds] = useState<string>(given.until === null ? DEFAULT_END : KEEP);
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const infos = [...board.infos.value.values()];
  const all = draft.queues.length === infos.length;
  /** The supervisor's own comes first. */
  const languages = [language, ...Object.keys(WALLBOARD_LANGUAGES).filter((tag) => tag !== language)];
  const written = languages
    .map((tag) => [tag, draft.text[tag] ?? ''] as const)
    .filter(([, text]) => text.trim() !== '');

  const edit = (next: Draft): void => {
    setProblem(null);
    setDraft(next);
  };
  const choose = (queue: string, chosen: boolean): void => {
    const others = draft.queues.filter((other) => other !== queue);
    edit({ ...draft, queues: chosen ? [...others, queue] : others });
  };
  const complain = (what: string, field: string): void => {
    setProblem(what);
    form.current?.querySelector<HTMLElement>(field)?.focus();
  };
  const publish = (event: Event): void => {
    event.preventDefault();
    if (draft.queues.length === 0) return complain(say('noticeNeedsQueue'), 'input[type="checkbox"]');
    if (written.length === 0) return complain(say('noticeNeedsText'), 'textarea');
    setProblem(null);
    setSending(true);
    const until = ends === KEEP ? (given.until ?? 0) : board.now.peek() + Number(ends) * HOUR_MS;
    publishNotice(draft, until).then(done, (error: unknown) => {
      setSending(false);
      setProblem(say('noticeFailed', { reason: error instanceof Error ? error.message : String(error) }));
    });
  };

  return (
    <form ref={form} class="notice-form" onSubmit={publish} noValidate>
      <fieldset>
        <legend>{say('noticeQueues')}</legend>
        <div class="notice-queues">
          {infos.length > 1 && (
            <label class="notice-choice notice-choice-all">
              <input
                type="checkbox"
                checked={all}
                onChange={({ currentTarget }) =>
                  edit({ ...draft, queues: currentTarget.checked ? infos.map(({ queue }) => queue) : [] })
                }
              />
              {say('noticeAllQueues')}
            </label>
          )}
          {infos.map(({ queue, name, public: isPublic }) => (
            <label key={queue} class="notice-choice">
              <input
                type="checkbox"
                checked={draft.queues.includes(queue)}
                onChange={({ currentTarget }) => choose(queue, currentTarget.checked)}
              />
              <span>
                {pickText(name, language, queue)}
                {!isPublic && <span class="notice-private"> {say('noticeNotPublic')}</span>}
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>{say('noticeSeverity')}</legend>
        <div class="notice-severities">
          {SEVERITIES.map((severity) => (
            <label key={severity} class="notice-choice" data-severity={severity}>
              <input
                type="radio"
                name="severity"
                checked={draft.severity === severity}
                onChange={() => edit({ ...draft, severity })}
              />
              <SeverityMark severity={severity} />
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>{say('noticeText')}</legend>
        <div class="notice-texts">
          {languages.map((tag) => {
            const text = draft.text[tag] ?? '';
            return (
              <div key={tag} class="notice-text">
                <label for={`notice-${tag}`} lang={tag}>
                  {WALLBOARD_LANGUAGES[tag]?.name}
                </label>
                <textarea
                  id={`notice-${tag}`}
                  lang={tag}
                  rows={3}
                  maxLength={MOST_CHARACTERS}
                  value={text}
                  aria-describedby={`notice-${tag}-left`}
                  onInput={({ currentTarget }) =>
                    edit({
                      ...draft,
                      text: { ...draft.text, [tag]: currentTarget.value.replace(/[\r\n\t]+/g, ' ') },
                    })
                  }
                />
                <span id={`notice-${tag}-left`} class="notice-left">
                  {say('noticeLeft', { count: MOST_CHARACTERS - text.length })}
                </span>
              </div>
            );
          })}
        </div>
      </fieldset>
      <section class="notice-preview" aria-label={say('noticePreview')}>
        <h3>{say('noticePreview')}</h3>
        {written.length === 0 && <p class="notice-left">{say('noticeNeedsText')}</p>}
        {written.map(([tag, text]) => (
          <p key={tag} class="notice" data-severity={draft.severity} lang={tag}>
            <SeverityMark severity={draft.severity} word={wallboardWords([tag]).say(`severity_${draft.severity}`)} />{' '}
            {text}
          </p>
        ))}
      </section>
      <div class="notice-ends">
        <label for="notice-ends">{say('noticeEnds')}</label>
        <select
          id="notice-ends"
          class="control"
          value={ends}
          onChange={({ currentTarget }) => setEnds(currentTarget.value)}
        >
          {given.until !== null && (
            <option value={KEEP}>{say('noticeUntil', { time: dayTime(given.until, locale) })}</option>
          )}
          {ENDS.map((hours) => (
            <option key={hours} value={String(hours)}>
              {say('noticeEndsIn', { time: duration(hours, locale) })}
            </option>
          ))}
        </select>
      </div>
      <p class="notice-failure" role="alert">
        {problem}
      </p>
      <div class="notice-buttons">
        <button type="submit" class="control control-main" disabled={sending}>
          {say(draft.id === null ? 'noticePublish' : 'noticeSave')}
        </button>
        <button type="button" class="control" onClick={done}>
          {say('noticeCancel')}
        </button>
      </div>
    </form>
  );
};
