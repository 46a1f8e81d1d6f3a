import { render } from 'preact';
import { Board } from './board.js';
import { App } from './components/App.js';
import { connect } from './connection.js';
import { Replay } from './replay.js';
import { wallboardWords } from './words.js';
import '../base.css';
import './wallboard.css';
import './tile.css';
import './tile-figures.css';
import './details.css';
import './notices.css';
import './replay.css';
import './tv.css';

const place = document.getElementById('wallboard');
if (!place) throw new Error('the page has no #wallboard');

const asked = new URLSearchParams(location.search).get('lang');
const words = wallboardWords([...(asked ? [asked] : []), ...navigator.languages]);
document.documentElement.lang = words.locale;
document.documentElement.dir = words.direction;

const board = new Board();
render(<App live={board} replay={new Replay(board)} words={words} />, place);
connect(board);
