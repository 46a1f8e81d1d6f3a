import type { tenantSchema } from '@queuecast/settings';
import type { z } from 'zod';

/** A tenant as queuecast.yaml would write it. */
export type TenantInput = z.input<typeof tenantSchema>;

/** The sites on which the demonstration takes place. */
export const TELECOM = { tenant: 'lumina-telecom', site: 'bruxelles' } as const;
export const TOWN = { tenant: 'ville-de-liege', site: 'hotel-de-ville' } as const;

const everyDay = (...spans: string[]) => ({
  mon: spans,
  tue: spans,
  wed: spans,
  thu: spans,
  fri: spans,
  sat: spans,
  sun: spans,
});

/** One of the two is always closed, so that at any hour the demonstration shows what closed looks like. */
export const SALES_HOURS = everyDay('08:00-20:00');
export const FAULT_DESK_HOURS = everyDay('00:00-08:00', '20:00-24:00');

/** Settings of the demonstration: merged into the tenants when nobody configured any. */
export const demoTenants: readonly TenantInput[] = [
  {
    id: TELECOM.tenant,
    name: 'Lumina Telecom',
    timeZone: 'Europe/Brussels',
    queues: [
      {
        id: 'technical-support',
        site: TELECOM.site,
        name: {
          en: 'Technical support',
          fr: 'Assistance technique',
          nl: 'Technische ondersteuning',
          de: 'Technischer Kundendienst',
        },
        public: true,
        callbacks: { offer: 'always' },
      },
      {
        id: 'billing',
        site: TELECOM.site,
        name: { en: 'Billing', fr: 'Facturation', nl: 'Facturatie', de: 'Rechnungen' },
        public: true,
        callbacks: { offer: 'when_long', profile: 'be-charter' },
      },
      {
        id: 'sales',
        site: TELECOM.site,
        name: { en: 'New contracts', fr: 'Nouveaux contrats', nl: 'Nieuwe contracten', de: 'Neue Verträge' },
        public: true,
        thresholdSeconds: 60,
        hours: SALES_HOURS,
      },
      {
        id: 'fault-desk',
        site: TELECOM.site,
        name: {
          en: 'Faults at night',
          fr: 'Pannes, service de nuit',
          nl: 'Storingen, nachtdienst',
          de: 'Störungen, Nachtdienst',
        },
        public: true,
        thresholdSeconds: 120,
        hours: FAULT_DESK_HOURS,
      },
      {
        id: 'chat',
        site: TELECOM.site,
        name: { en: 'Chat', fr: 'Chat', nl: 'Chat', de: 'Chat' },
        public: true,
        thresholdSeconds: 60,
        target: 0.9,
      },
    ],
  },
  {
    id: TOWN.tenant,
    name: 'Ville de Liège',
    timeZone: 'Europe/Brussels',
    queues: [
      {
        id: 'etat-civil',
        site: TOWN.site,
        name: {
          en: 'Population and civil status',
          fr: 'Population et état civil',
          nl: 'Bevolking en burgerlijke stand',
          de: 'Einwohnermeldeamt und Standesamt',
        },
        public: true,
        callbacks: { offer: 'always', profile: 'be-charter', perHour: 10 },
      },
      {
        id: 'guichets',
        site: TOWN.site,
        name: { en: 'Counters', fr: 'Guichets', nl: 'Loketten', de: 'Schalter' },
        public: true,
        thresholdSeconds: 900,
      },
      {
        id: 'urbanisme',
        site: TOWN.site,
        name: { en: 'Town planning', fr: 'Urbanisme', nl: 'Stedenbouw', de: 'Stadtplanung' },
        public: false,
      },
    ],
  },
];
