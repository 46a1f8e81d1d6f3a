import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const PURE_LIBS = ['events', 'contact-center', 'metrics', 'wait-estimates', 'staffing', 'callbacks'];

const FORBIDDEN_CALLS = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'DateTime.now',
  'DateTime.local',
  'DateTime.utc',
  'Date',
]);
const FORBIDDEN_GLOBALS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']);

/** Where a source reads the clock, chance or the process by itself: `line: what`. */
const impurities = (source: string): string[] => {
  const tree = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const report = (node: ts.Node, what: string) => {
    found.push(`${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${what}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
      report(node, 'new Date()');
    if (ts.isPropertyAccessExpression(node) && node.getText().startsWith('process.')) report(node, node.getText());
    // Passed on uncalled, Date.now reads the clock as well: the expression counts, not the call.
    if (ts.isPropertyAccessExpression(node) && FORBIDDEN_CALLS.has(node.getText())) report(node, node.getText());
    if (ts.isCallExpression(node)) {
      const callee = node.expression.getText();
      if (callee === 'Date' || FORBIDDEN_GLOBALS.has(callee)) report(node, callee);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
};

describe('the pure core takes time and chance as arguments', () => {
  it.each([
    ['const now = Date.now();', '1: Date.now'],
    ['const clock = Date.now;', '1: Date.now'],
    ['\nconst now = new Date();', '2: new Date()'],
    ['const now = Date();', '1: Date'],
    ['const chance = Math.random() * 2;', '1: Math.random'],
    ["const now = DateTime.local({ zone: 'UTC' });", '1: DateTime.local'],
    ['setTimeout(() => {}, 5);', '1: setTimeout'],
    ["const port = process.env['PORT'];", '1: process.env'],
  ])('finds the impurity of %j', (source, found) => {
    expect(impurities(source)).toContain(found);
  });

  it('lets a given instant be', () => {
    expect(impurities('const text = new Date(at).toISOString(); const at = Date.parse(text);')).toEqual([]);
  });

  const files = PURE_LIBS.filter((lib) => existsSync(join(root, 'libs', lib)))
    .flatMap((lib) =>
      readdirSync(join(root, 'libs', lib, 'src'), { recursive: true, encoding: 'utf8' }).map((file) =>
        join('libs', lib, 'src', file),
      ),
    )
    .filter((file) => file.endsWith('.ts') && !/\.(spec|testing)\.ts$/.test(file));

  it('is there to be checked', () => {
    expect(files).toContain(join('libs', 'events', 'src', 'envelope.ts'));
  });

  it.each(files)('%s', (file) => {
    expect(impurities(readFileSync(join(root, file), 'utf8'))).toEqual([]);
  });
});
