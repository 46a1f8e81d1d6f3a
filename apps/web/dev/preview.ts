import { readFile } from 'node:fs/promises';
import type {
  CreatePages,
  Estimate,
  PublicOutlook,
  PublicQueue,
  QueueFrame,
  QueueInfo,
  WallboardSnapshot,
} from '@queuecast/live';
import { Server } from 'socket.io';
import type { Plugin, ViteDevServer } from 'vite';

/**
 * A design preview: `npx vite apps/web` shows the pages against made-up figures in every state, without a gateway.
 * Not built, not shipped. `/wallboard.html`, `/t/preview`, and `POST /preview/<state>` with `live`, `silent`
 * (processor) or `empty` to change what is shown.
 */
type Mode = 'live' | 'silent' | 'empty';

const HOUR = 3_600_000;
const DESIGNS: readonly [id: string, en: string, load: number, agents: number, state: string][] = [
  ['support', 'Technical support', 14, 38, 'act'],
  ['sales', 'Sales', 2, 22, 'fine'],
  ['billing', 'Billing and payments', 6, 12, 'watch'],
  ['moving', 'Moving house', 1, 9, 'quiet'],
  ['business', 'Business customers', 0, 16, 'fine'],
  ['chat', 'Chat', 3, 0, 'unstaffed'],
  ['network', 'Network faults and outages in your street', 27, 31, 'silent'],
  ['retention', 'Leaving us', 0, 0, 'closed'],
];

const infos: QueueInfo[] = DESIGNS.map(([queue, en], index) => ({
  queue,
  site: 'main',
  name: { en, nl: en, fr: en },
  public: index % 2 === 0,
  thresholdMs: 150_000,
  target: 0.8,
  timeZone: 'Europe/Brussels',
}));

const started = Date.now();
let version = 1;

const frameOf = (index: number): QueueFrame => {
  const [queue = '', , load = 0, staff = 0, state = ''] = DESIGNS[index] ?? [];
  const now = Date.now();
  const wave = Math.round(Math.sin(now / 7000 + index) * Math.min(2, load / 3));
  const waiting = Math.max(0, load + wave);
  const oldestMs = state === 'act' ? 272_000 : state === 'watch' ? 95_000 : 25_000;
  const offered = 90 + index * 57;
  const within = Math.round(offered * (state === 'act' ? 0.58 : state === 'watch' ? 0.77 : 0.91));
  const abandoned = Math.round(offered * 0.05);
  const estimate: Estimate =
    state === 'closed' || state === 'unstaffed' || state === 'silent'
      ? {
          kind: 'abstention',
          reason: state === 'closed' ? 'CLOSED' : state === 'silent' ? 'SOURCE_SILENT' : 'NO_AGENTS',
          at: now,
        }
      : {
          kind: 'band',
          lowMs: waiting * 20_000,
          p50Ms: waiting * 27_000,
          highMs: waiting * 40_000,
          predictor: 'preview',
          at: now,
        };
  return {
    tenant: 'preview',
    site: 'main',
    queue,
    version: version++,
    at: now,
    offset: version,
    waiting,
    oldest: Array.from({ length: Math.min(5, waiting) }, (_, rank) => ({
      contact: `c-${queue}-${rank}`,
      leg: `l-${rank}`,
      queuedAt: started - oldestMs + rank * 21_000,
      priority: 0,
      position: rank + 1,
      remaining:
        estimate.kind === 'band'
          ? { lowMs: 20_000 * rank, p50Ms: 15_000 + 31_000 * rank, highMs: 50_000 + 47_000 * rank }
          : null,
    })),
    line: null,
    suspected: state === 'act' ? 2 : 0,
    suspects:
      state === 'act'
        ? [
            {
              contact: `c-${queue}-lost`,
              leg: 'l-lost',
              believed: 'waiting',
              reason: 'overtaken',
              lastHeardAt: started - 2_400_000,
              suspectedAt: started - 1_300_000,
            },
            {
              contact: `c-${queue}-gone`,
              leg: 'l-gone',
              believed: 'in_conversation',
              reason: 'agent_elsewhere',
              lastHeardAt: started - 1_900_000,
              suspectedAt: started - 900_000,
            },
          ]
        : [],
    agents: {
      available: state === 'fine' ? Math.max(1, 3 + wave) : 0,
      offered: staff > 10 ? 1 : 0,
      busy: Math.round(staff * 0.68),
      wrap_up: Math.round(staff * 0.12),
      away: Math.round(staff * 0.14),
    },
    opening: {
      state: state === 'closed' ? 'closed' : 'open',
      until: now + (state === 'closed' ? 17 : 4) * HOUR,
      by: 'calendar',
    },
    notices:
      state === 'act'
        ? [
            {
              id: 'n',
              severity: 'warning',
              text: { en: 'A fault in the north of the city makes waits longer than usual.' },
              until: now + 2 * HOUR,
              postedAt: started,
              by: 'wallboard',
            },
          ]
        : [],
    afterClosing: state === 'closed' ? waiting : 0,
    surge: state === 'act' ? { ratio: 12, since: started - 240_000 } : null,
    estimate,
    estimateRecord: {
      right: Math.round(offered * 0.71),
      of: offered - abandoned - waiting,
      population: 'answered',
      since: now - 6 * HOUR,
      maeMs: 21_400,
    },
    today: {
      from: now - 6 * HOUR,
      offered,
      answered: offered - abandoned - waiting,
      abandoned,
      shortAbandoned: 3,
      flowedOut: 0,
      callbackTaken: 0,
      dropped: 0,
      closedOut: 0,
      stillWaiting: waiting,
      answeredWithin: within,
      serviceLevel: within / offered,
      thresholdMs: 150_000,
      asaMs: 48_000,
      ahtMs: 312_000,
      longestWaitMs: 412_000,
      metrics: ['offered@1', 'service_level@1'],
    },
    source: {
      state: state === 'quiet' ? 'quiet' : state === 'silent' ? 'silent' : 'live',
      lastEventAt: now - (state === 'silent' ? 214_000 : state === 'quiet' ? 65_000 : 1_200),
      lastHeardAt: now - (state === 'silent' ? 154_000 : 1_200),
      lagMs: 180,
    },
    staffing:
      state === 'act' || state === 'watch'
        ? {
            more: state === 'act' ? 3 : 1,
            by: state === 'act' ? now + 1_500_000 : null,
            from: { arrivalsPerHour: 214, handleMs: 312_000, patienceMs: 240_000, agents: 16, waiting },
            at: now,
          }
        : null,
    storeBehindSince: state === 'watch' ? started - 40_000 : null,
    history: {
      differences: state === 'unstaffed' ? 2 : 0,
      since: state === 'unstaffed' ? started - 300_000 : null,
      checkedAt: now - 12_000,
      correctedToday: state === 'act' ? 3 : state === 'watch' ? 1 : 0,
    },
  };
};

const publicQueueOf = (info: QueueInfo, frame: QueueFrame): PublicQueue => ({
  tenant: 'preview',
  queue: info.queue,
  name: info.name,
  opening: frame.opening,
  hours: Array.from({ length: 7 }, (_, day) => ({
    date: new Date(Date.now() + day * 24 * HOUR).toISOString().slice(0, 10),
    spans: day === 3 ? [] : [['08:00', '12:00'] as const, ['13:00', '20:00'] as const],
  })),
  timeZone: info.timeZone,
  wait:
    frame.estimate.kind === 'band'
      ? {
          kind: 'band',
          lowMinutes: Math.floor(frame.estimate.lowMs / 60_000),
          highMinutes: Math.ceil(frame.estimate.highMs / 60_000),
        }
      : { kind: 'none', reason: frame.estimate.reason },
  callbackOffered: frame.estimate.kind === 'band' && frame.estimate.highMs > 150_000,
  bestTime: {
    today:
      frame.waiting > 5 && frame.estimate.kind === 'band'
        ? { from: Date.now() + 2 * HOUR, to: Date.now() + 4 * HOUR, lowMinutes: 1, highMinutes: 3 }
        : null,
    week: null,
  },
  rightOf10: 8,
  notices: frame.notices.map(({ by: _by, postedAt: _postedAt, ...notice }) => notice),
  asOf: frame.at,
  source: frame.source.state,
});

/** The same outlook as on the wallboard, as the public gets it. */
const outlookOf = ({ tenant, queue, timeZone, bestTime }: PublicQueue): PublicOutlook => ({
  tenant,
  queue,
  timeZone,
  history: null,
  bestTime,
  hours: outlookRows(queue).map(({ from, to, reason, lowMs, highMs }) => ({
    from: Date.parse(from),
    to: Date.parse(to),
    wait:
      reason === null
        ? { kind: 'band', lowMinutes: Math.floor(lowMs / 60_000), highMinutes: Math.ceil(highMs / 60_000) }
        : { kind: 'none', reason },
  })),
});

const publicPage = async (server: ViteDevServer, url: URL, documents: readonly PublicQueue[]): Promise<string> => {
  const template = await readFile(new URL('../page.html', import.meta.url), 'utf8');
  const { createPages } = (await server.ssrLoadModule('/src/public/server.ts')) as {
    readonly createPages: CreatePages;
  };
  const lang = url.searchParams.get('lang') ?? 'en';
  const html = createPages(template).tenant(
    { wanted: [lang], path: url.pathname, query: {}, now: Date.now() },
    {
      tenant: 'preview',
      name: 'Preview Telecom',
      queues: documents.map((document) => ({ document, outlook: outlookOf(document), holidays: [] })),
      record: { tenant: 'preview', days: 90, due: 412, kept: 377, late: 23, broken: 12 },
      form: null,
    },
  );
  return server.transformIndexHtml(url.pathname, html);
};

const quarterRows = (queue: string, from: number): object[] =>
  Array.from({ length: Math.floor((Date.now() - from) / 900_000) }, (_, quarter) => {
    const offered = Math.round(30 + 24 * Math.sin(quarter / 6) + (quarter % 3) * 4);
    const abandoned = Math.round(offered * 0.06);
    const values = {
      offered,
      answered: offered - abandoned,
      abandoned,
      short_abandoned: 1,
      service_level: 0.75 + 0.2 * Math.cos(quarter / 5),
    };
    return { site: 'main', queue, channel: 'voice', start: new Date(from + quarter * 900_000).toISOString(), values };
  });

const outlookRows = (queue: string) => {
  const start = Math.floor(Date.now() / HOUR) * HOUR;
  return Array.from({ length: 7 * 24 }, (_, n) => {
    const from = start + n * HOUR;
    const clock = new Date(from).getUTCHours();
    const busy = 6 + 5 * Math.sin((clock - 8) / 2) + (n % 5) / 2;
    const reason = clock < 7 || clock >= 20 ? ('CLOSED' as const) : clock === 19 ? ('TOO_FEW_DATA' as const) : null;
    const minutes = (value: number): number => Math.round(Math.max(0.2, value) * 60_000);
    return {
      site: 'main',
      queue,
      from: new Date(from).toISOString(),
      to: new Date(from + HOUR).toISOString(),
      date: new Date(from).toISOString().slice(0, 10),
      reason,
      lowMs: minutes(busy * 0.4),
      p50Ms: minutes(busy * 0.8),
      highMs: minutes(busy * 1.7),
    };
  });
};

/** Each window as a stretch before now, in minutes, with how much a minute brings. */
const PREVIEW_WINDOWS: readonly [window: string, from: number, to: number, load: number][] = [
  ['last_15_minutes', 15, 0, 3.1],
  ['last_30_minutes', 30, 0, 2.7],
  ['last_60_minutes', 60, 0, 2.4],
  ['today', 380, 0, 1.9],
  ['yesterday', 1820, 380, 0.6],
  ['week_to_date', 3260, 0, 0.7],
  ['same_time_last_week', 10_460, 10_080, 1.7],
];

const windowRows = (queue: string): object[] =>
  PREVIEW_WINDOWS.map(([window, from, to, load], n) => {
    const offered = Math.round((from - to) * load);
    const abandoned = Math.round(offered * (0.09 - n * 0.008));
    const values = {
      offered,
      answered: offered - abandoned,
      abandoned,
      service_level: 0.68 + n * 0.035,
      asa: 74_000 - n * 7_000,
      aht: 318_000 - n * 3_000,
    };
    const at = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
    return { site: 'main', queue, window, from: at(from), to: at(to), timeZone: 'Europe/Brussels', values };
  });

const scoreRows = (from: number, byHour: boolean): object[] => {
  const starts = byHour
    ? Array.from({ length: Math.ceil((Date.now() - from) / HOUR) }, (_, n) => from + n * HOUR)
    : [from];
  const predictors = ['served', 'les', 'pooled-les', 'hol', 'ql', 'qlm', 'moving-average', 'asterisk'] as const;
  return starts.flatMap((start, hour) =>
    predictors.flatMap((predictor, n) =>
      (['answered', 'queued'] as const).map((population, queued) => {
        const mae = (21_400 + n * 6_300 + (hour % 5) * 1_700) * (1 + queued);
        const ofBand = (value: number): number | null => (n === 0 ? value : null);
        return {
          start: new Date(start).toISOString(),
          predictor,
          population,
          values: {
            estimates_scored: Math.round((queued ? 212 : 731) / starts.length) + (hour % 4) * 3,
            estimate_mae: mae,
            estimate_rmse: mae * 1.8,
            estimate_bias: (n % 2 ? -1 : 1) * (1_200 + n * 2_900),
            estimate_loss_p10: ofBand(mae / 8),
            estimate_loss_p50: mae / 2,
            estimate_loss_p90: ofBand(mae / 5),
            estimate_coverage: ofBand(0.812 - queued * 0.03 - (hour % 3) * 0.01),
            estimate_longer_than_told: ofBand(0.094),
          },
        };
      }),
    ),
  );
};

const serve = (server: ViteDevServer): void => {
  if (!server.httpServer) return;
  let mode: Mode = 'live';
  const snapshot = (): WallboardSnapshot => ({
    tenant: 'preview',
    tenantName: 'Preview Telecom',
    serverTime: Date.now(),
    queues: mode === 'empty' ? [] : infos,
    frames: mode === 'empty' ? [] : infos.map((_, index) => frameOf(index)),
  });
  const documents = (): PublicQueue[] => infos.map((info, index) => publicQueueOf(info, frameOf(index)));

  server.middlewares.use((request, response, next) => {
    const url = new URL(request.url ?? '/', 'http://preview');
    const json = (body: unknown): void =>
      void response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    const [, version, ...rest] = url.pathname.split('/').slice(1);
    if (url.pathname.startsWith('/preview/')) {
      mode = url.pathname.slice('/preview/'.length) as Mode;
      io.of('/wallboard').emit('snapshot', snapshot());
      return json({ mode });
    }
    if (url.pathname === '/v1/reports/intervals') {
      const from = Math.ceil(Date.parse(url.searchParams.get('from') ?? '') / 900_000) * 900_000;
      return json({
        metrics: ['offered@1'],
        rows: quarterRows(url.searchParams.get('queue') ?? '', from),
        nextCursor: null,
      });
    }
    if (url.pathname === '/v1/reports/outlook')
      return json({ rows: outlookRows(url.searchParams.get('queue') ?? ''), nextCursor: null });
    if (url.pathname === '/v1/reports/windows')
      return json({ changes: [], rows: windowRows(url.searchParams.get('queue') ?? ''), nextCursor: null });
    if (url.pathname === '/v1/reports/estimates') {
      const parameters = url.searchParams;
      const from = Date.parse(parameters.get('from') ?? '');
      return json({ rows: scoreRows(from, parameters.get('grain') === 'hour'), nextCursor: null });
    }
    if (url.pathname === '/t/preview')
      return void publicPage(server, url, documents()).then(
        (html) => response.setHeader('content-type', 'text/html; charset=utf-8').end(html),
        (error: unknown) => next(error),
      );
    if (version !== 'v1' || !url.pathname.startsWith('/public/')) return next();
    const found = documents().find(({ queue }) => `${queue}.json` === rest[2]);
    if (found) return json(found);
    response.statusCode = 404;
    return json({ status: 404, title: 'no such queue' });
  });

  // Vite's own socket lives on the same server, so unknown upgrades must be left alone.
  const io = new Server(server.httpServer, { destroyUpgrade: false });
  io.of('/wallboard').on('connection', (socket) => {
    socket.emit('snapshot', snapshot());
    socket.on('snapshot', () => socket.emit('snapshot', snapshot()));
  });
  io.of('/public').on('connection', (socket) => {
    socket.on('subscribe', ({ queue }: { queue?: string }) => {
      for (const found of documents()) if (queue === undefined || found.queue === queue) socket.emit('queue', found);
      void socket.join(queue ?? 'all');
    });
  });
  setInterval(() => {
    if (mode !== 'live') return;
    const index = Math.floor(Math.random() * infos.length);
    io.of('/wallboard').emit('frame', frameOf(index));
  }, 400).unref();
  setInterval(() => {
    io.of('/wallboard').emit('pulse', {
      serverTime: Date.now(),
      versions: {},
      processorSilentSince: mode === 'silent' ? Date.now() - 42_000 : null,
    });
    if (mode === 'live')
      for (const found of documents()) io.of('/public').to([found.queue, 'all']).emit('queue', found);
  }, 2000).unref();
};

export const preview = (): Plugin => ({ name: 'queuecast-preview', apply: 'serve', configureServer: serve });
