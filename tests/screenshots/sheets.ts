import { readFileSync } from 'node:fs';

const THEMES = ['light', 'dark'] as const;
const FONT = readFileSync('node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2').toString(
  'base64',
);

const STYLE = `
@font-face { font-family: Inter; src: url(data:font/woff2;base64,${FONT}); font-weight: 100 900; }
body { margin: 0; font: 16px/1.4 Inter, system-ui, sans-serif; }
.theme { display: grid; gap: 20px; padding: 28px; }
.light { color-scheme: light; background: #eef1f4; color: #101820; }
.dark { color-scheme: dark; background: #0a0d12; color: #f1f4f8; }
.row { display: grid; gap: 20px; align-items: start; }
figure { margin: 0; display: grid; gap: 8px; min-width: 0; }
.across { grid-column: 1 / -1; }
figcaption { font-size: 12px; font-weight: 500; opacity: .72; }
`;

interface Shot {
  readonly caption: string;
  readonly queue: string;
  readonly variant?: string;
  readonly lang?: string;
  /** Over the whole width. */
  readonly across?: boolean;
}

export interface Sheet {
  readonly name: string;
  readonly width: number;
  readonly html: string;
}

const figure = ({ caption, queue, variant = 'card', lang = 'en', across }: Shot): string =>
  `<figure${across ? ' class="across"' : ''}><queue-wait tenant="stage" queue="${queue}" variant="${variant}" ` +
  `lang="${lang}"></queue-wait><figcaption>${caption}</figcaption></figure>`;

const sheet = (name: string, width: number, columns: string, rows: readonly (readonly Shot[])[]): Sheet => {
  const body = rows
    .map((row) => `<div class="row" style="grid-template-columns:${columns}">${row.map(figure).join('')}</div>`)
    .join('');
  const halves = THEMES.map((theme) => `<section class="theme ${theme}">${body}</section>`).join('');
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${name}</title><style>${STYLE}</style>
    <script src="/element/queue-wait.js" defer></script><main>${halves}</main></html>`;
  return { name, width, html };
};

const LANGUAGES = [
  ['en', 'English'],
  ['fr', 'Français'],
  ['nl', 'Nederlands'],
  ['de', 'Deutsch'],
] as const;

/** Contact sheets of the element: each state once, light and dark beside each other. */
export const SHEETS: readonly Sheet[] = [
  sheet('variants', 1280, '340px 1fr', [
    [{ caption: 'variant="line"', queue: 'full', variant: 'line', across: true }],
    [
      { caption: 'variant="card"', queue: 'full' },
      { caption: 'variant="big"', queue: 'full', variant: 'big' },
    ],
  ]),
  sheet('states', 1480, 'repeat(3, 1fr)', [
    [
      { caption: 'open', queue: 'open' },
      { caption: 'open, a short wait', queue: 'short' },
      { caption: 'a better time and a call back', queue: 'full' },
    ],
    [
      { caption: 'closed', queue: 'closed' },
      { caption: 'abstaining: agents have just left', queue: 'abstaining' },
      { caption: 'abstaining: nobody is answering', queue: 'unstaffed' },
    ],
    [
      { caption: 'a notice', queue: 'notice' },
      { caption: 'notices by severity', queue: 'notices' },
      { caption: 'no such public queue', queue: 'none' },
    ],
  ]),
  sheet(
    'languages',
    1480,
    'repeat(4, 1fr)',
    (['line', 'card'] as const).map((variant) =>
      LANGUAGES.map(([lang, caption]) => ({ caption, queue: variant === 'line' ? 'open' : 'notice', variant, lang })),
    ),
  ),
  sheet(
    'languages-big',
    1480,
    'repeat(2, 1fr)',
    [LANGUAGES.slice(0, 2), LANGUAGES.slice(2)].map((pair) =>
      pair.map(([lang, caption]) => ({ caption, queue: 'full', variant: 'big', lang })),
    ),
  ),
  sheet('narrow', 1480, 'repeat(4, 320px)', [
    [
      { caption: 'line, 320 px', queue: 'full', variant: 'line' },
      { caption: 'card, 320 px', queue: 'full' },
      { caption: 'big, 320 px', queue: 'full', variant: 'big' },
      { caption: 'card in German, 320 px', queue: 'notice', lang: 'de' },
    ],
  ]),
  sheet('stale', 1480, 'repeat(3, 1fr)', [
    [
      { caption: 'line, 75 s after the connection dropped', queue: 'open', variant: 'line' },
      { caption: 'card', queue: 'open' },
      { caption: 'big', queue: 'open', variant: 'big' },
    ],
  ]),
];
