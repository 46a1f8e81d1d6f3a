import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { WallboardContext } from '../context.js';
import type { Board } from '../board.js';
import { wallTime } from '../figures.js';
import type { WallboardWords } from '../words.js';
import { Details } from './Details.js';
import { Header } from './Header.js';
import { Connecting, EmptyBoard, Refused, SignIn } from './Message.js';
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

export const App = ({ board, words }: { readonly board: Board; readonly words: WallboardWords }) => {
  const shown = useSignal<string | null>(null);
  const phase = board.phase.value;
  const { waiting } = board.summary.value;
  useEffect(() => {
    const name = board.tenantName.value || words.say('title');
    document.title = phase.kind === 'ready' ? `${words.say('waiting')}: ${waiting} · ${name}` : name;
  }, [waiting, phase.kind]);
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
            <Header />
            <Banner board={board} words={words} />
            {board.infos.value.size === 0 ? <EmptyBoard /> : <Tiles />}
            {shown.value !== null && <Details key={shown.value} queue={shown.value} />}
          </>
        );
    }
  })();
  return (
    <WallboardContext.Provider value={{ board, words, show: (queue) => (shown.value = queue) }}>
      {body}
    </WallboardContext.Provider>
  );
};
