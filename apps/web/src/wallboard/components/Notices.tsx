import { useEffect, useRef, useState } from 'preact/hooks';
import { pickText } from '../../language/words.js';
import { useWallboard } from '../context.js';
import { clearNotice, draftOf, emptyDraft, shownNotices, type Draft, type ShownNotice } from '../notices.js';
import { dayTime } from '../figures.js';
import { NoticeForm } from './NoticeForm.js';
import { SeverityMark } from './SeverityMark.js';

/** Names of queues, or that it is all of them. */
const useWhere = () => {
  const { board, words } = useWallboard();
  const infos = board.infos.value;
  return (queues: readonly string[]): string =>
    queues.length === infos.size && infos.size > 1
      ? words.say('noticeAllQueues')
      : queues.map((queue) => pickText(infos.get(queue)?.name ?? {}, words.language, queue)).join(', ');
};

interface RowProps {
  readonly notice: ShownNotice;
  readonly change: () => void;
}

const NoticeRow = ({ notice, change }: RowProps) => {
  const { words } = useWallboard();
  const { say, language, locale } = words;
  const where = useWhere();
  const [clearing, setClearing] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { id, severity, text, queues, until, postedAt, by } = notice;
  const shortText = pickText(text, language);
  const clear = (): void => {
    setClearing(true);
    setFailure(null);
    clearNotice(id).catch((error: unknown) => {
      setClearing(false);
      setFailure(error instanceof Error ? error.message : String(error));
    });
  };
  return (
    <li class="notice-row" data-severity={severity}>
      <p class="notice-row-text">
        <SeverityMark severity={severity} /> {shortText}
      </p>
      <p class="notice-row-facts">
        {where(queues)} · {Object.keys(text).join(', ')} ·{' '}
        {until === null ? say('noticeNoEnd') : say('noticeUntil', { time: dayTime(until, locale) })} ·{' '}
        {say('noticePosted', {
          time: dayTime(postedAt, locale),
          by: by === 'wallboard' ? say('noticeBySupervisor') : by.replace(/^key:/, ''),
        })}
      </p>
      <div class="notice-row-actions">
        <button type="button" class="control" disabled={clearing} onClick={change}>
          {say('noticeChange')}
          <span class="visually-hidden"> {shortText}</span>
        </button>
        <button type="button" class="control" disabled={clearing} onClick={clear}>
          {say('noticeClear')}
          <span class="visually-hidden"> {shortText}</span>
        </button>
      </div>
      {failure !== null && (
        <p class="notice-failure" role="alert">
          {say('decisionFailed', { reason: failure })}
        </p>
      )}
    </li>
  );
};

interface NoticesProps {
  /** What to begin with: a draft to be edited, or null for the list. */
  readonly begin: Draft | null;
  readonly close: () => void;
}

/** What customers are told: the notices that are shown, and posting, changing and ending them. */
export const Notices = ({ begin, close }: NoticesProps) => {
  const { board, words } = useWallboard();
  const { say } = words;
  const dialog = useRef<HTMLDialogElement>(null);
  const [draft, setDraft] = useState<Draft | null>(begin);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const isWriting = draft !== null;
  // What had the focus is gone when form and list change places.
  useEffect(() => {
    dialog.current?.querySelector<HTMLElement>(isWriting ? '.notice-form input' : '.control-main')?.focus();
  }, [isWriting]);
  const queues = [...board.infos.value.keys()];
  const frames = queues.flatMap((queue) => board.frame(queue).value ?? []);
  const shown = shownNotices(frames, board.now.value);
  return (
    <dialog ref={dialog} class="details notices" aria-labelledby="notices-title" onClose={close}>
      <div class="details-inner">
        <header class="details-head">
          <div>
            <h2 id="notices-title">{say('noticesTitle')}</h2>
            <p>{say('noticesText')}</p>
          </div>
          <button type="button" class="control" onClick={() => dialog.current?.close()}>
            {say('close')}
          </button>
        </header>
        {draft ? (
          <NoticeForm key={draft.id ?? 'new'} draft={draft} done={() => setDraft(null)} />
        ) : (
          <section>
            <ul class="notice-list" aria-live="polite">
              {shown.map((notice) => (
                <NoticeRow key={notice.id} notice={notice} change={() => setDraft(draftOf(notice))} />
              ))}
            </ul>
            {shown.length === 0 && <p class="chart-message notice-none">{say('noticesNone')}</p>}
            <button
              type="button"
              class="control control-main"
              onClick={() => setDraft(emptyDraft(queues.length === 1 ? queues : []))}
            >
              {say('noticeNew')}
            </button>
          </section>
        )}
      </div>
    </dialog>
  );
};
