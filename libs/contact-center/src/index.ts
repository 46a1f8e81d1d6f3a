export * from './calendar.js';
export * from './contact-fold.js';
export * from './facts.js';
export * from './leg.js';
export * from './live-site.js';
export * from './marks.js';
export * from './site-fold.js';
export * from './spells.js';
