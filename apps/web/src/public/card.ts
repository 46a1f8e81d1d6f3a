import type { PublicQueue } from '@queuecast/live';
import css from '../element/element.css?inline';
import { callbackAddress } from '../element/addresses.js';
import { makeNodesWith } from '../element/nodes.js';
import { View } from '../element/view.js';
import { publicWords } from '../element/words.js';
import { fragment, jsonIn, markup, type Html } from './html.js';
import { markupOf, paper } from './paper.js';

makeNodesWith(paper);

/** The element's style sheet, as it stands in every card; the policy of the page names it by its hash. */
export const CARD_STYLE = css;

const unused = (): void => undefined;

/**
 * `<queue-wait>` as the script would show it, in a declarative shadow root: there from the first paint, and without
 * scripts. When the script comes it starts from the same document, so that nothing moves.
 *
 * @param now the server's clock, milliseconds since the epoch
 */
export const cardOf = (queue: PublicQueue, locale: string, now: number): Html => {
  const words = publicWords([locale]);
  const view = new View({ expanded: unused, pause: unused, callback: unused });
  view.variant = 'card';
  view.show({
    state: { queue, unknown: false, lostSince: null },
    words,
    now,
    pausedAt: null,
    ownZone: null,
    callbackAddress: callbackAddress('/', queue.tenant, queue.queue, words.language),
  });
  const script = jsonIn({ serverTime: now, queue });
  return fragment`<queue-wait tenant="${queue.tenant}" queue="${queue.queue}" lang="${locale}">\
<template shadowrootmode="open"><style>${markup(CARD_STYLE)}</style>${markup(markupOf(view.root))}</template>\
<script type="application/json">${script}</script></queue-wait>`;
};
