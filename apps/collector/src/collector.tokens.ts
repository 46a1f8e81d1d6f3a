/** Injection token of the collector's settings. */
export const COLLECTOR_SETTINGS = Symbol('collector settings');
