/** One page of a report. */
export interface ReportPage<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}

/** Far more than a queue's day has. */
const MOST_PAGES = 20;

/**
 * Reads a report over HTTP, page by page, with the session cookie. Resolves to the pages.
 *
 * @throws Error with the server's detail or title, or the status, when the report is refused
 */
export const readReport = async <Page extends ReportPage<unknown>>(
  name: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Page[]> => {
  const pages: Page[] = [];
  for (let cursor: string | null = null; pages.length < MOST_PAGES;) {
    const query = new URLSearchParams({ ...parameters, ...(cursor === null ? {} : { cursor }) });
    const response = await fetch(`/v1/reports/${name}?${query.toString()}`);
    if (!response.ok) {
      const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
      throw new Error(problem.detail ?? problem.title ?? `HTTP ${response.status}`);
    }
    const page = (await response.json()) as Page;
    pages.push(page);
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  return pages;
};
