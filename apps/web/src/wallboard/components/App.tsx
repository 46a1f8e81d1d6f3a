import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { WallboardContext } from '../context.js';
import type { Board } from '../board.js';
import { wallTime } from '../figures.js';
import type { Draft } from '../notices.js';
import type { WallboardWords } from '../words.js';
import { Details } from './Details.js';
import type { Replay } from '../replay.js';
import { Header } from './Header.js';
import { Connecting, EmptyBoard, Refused, SignIn } from './Message.js';
import { ReplayBar } from './ReplayBar.js';
import { Notices } from './Notices.js';
import { Surges } from './Surges.js';
import { Tiles } from './Tiles.js';

const Banner = ({ board, words }: { readonly board: Board; readonly words: WallboardWords }) => {
  const { lostSince, processorSilentSince } = board.link.value;
  const since = lostSince ?? processorSilentSince;
  const key = lostSince === null ? 'bannerProcessor' : 'bannerLost';
  return (
    <div role="alert" class="banner" hidden={since === null}>
      {since === null ? '' : words.say(key, { time: wallTime(since, words.locale) })}
    </div>
  );
};

interface AppProps {
  readonly live: Board;
  readonly replay: Replay;
  readonly words: WallboardWords;
}

export const App = ({ live, replay, words }: AppProps) => {
  const past = replay.board.value;
  const board = past ?? live;
  const shown = useSignal<string | null>(null);
  /** The notices over the board, beginning with a draft or the list; null while they are not open. */
  const notices = useSignal<{ readonly begin: Draft | null } | null>(null);
  const phase = live.phase.value;
  const { waiting } = board.summary.value;
  useEffect(() => {
    const name = board.tenantName.value || words.say('title');
    document.title = phase.kind === 'ready' ? `${words.say('waiting')}: ${waiting} · ${name}` : name;
  }, [waiting, phase.kind]);
  useEffect(() => {
    document.getElementById('wallboard')?.toggleAttribute('data-past', past !== null);
  }, [past !== null]);
  const body = (() => {
    switch (phase.kind) {
      case 'connecting':
        return <Connecting />;
      case 'signIn':
        return <SignIn />;
      case 'refused':
        return <Refused reason={phase.reason} />;
      case 'ready':
        return (
          <>
            <Header openNotices={() => (notices.value = { begin: null })} />
            {past ? <ReplayBar /> : <Banner board={live} words={words} />}
            {!past && <Surges suggest={(begin) => (notices.value = { begin })} />}
            {board.infos.value.size === 0 ? <EmptyBoard /> : <Tiles />}
            {notices.value && <Notices begin={notices.value.begin} close={() => (notices.value = null)} />}
            {shown.value !== null && <Details key={shown.value} queue={shown.value} />}
          </>
        );
    }
  })();
  return (
    <WallboardContext.Provider value={{ board, replay, words, show: (queue) => (shown.value = queue) }}>
      {body}
    </WallboardContext.Provider>
  );
};
