/** One numbered step of the schema. An applied one is never edited: a change is the next number. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Statements, run in order. Each must bear being run twice: a crash may come between a statement and its record. */
  readonly statements: readonly string[];
}
