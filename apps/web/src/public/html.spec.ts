import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escaped, fragment, jsonIn } from './html.js';

describe('markup', () => {
  it('escapes what is put in, and leaves markup as it is', () => {
    const name = `<img src=x onerror="alert('1')">`;
    expect(fragment`<p title="${name}">${fragment`<b>${name}</b>`}${null}${false}${['a', 1]}</p>`.toString()).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;">' +
        '<b>&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;</b>a1</p>',
    );
  });

  it('lets no text begin an element or end an attribute', () => {
    fc.assert(fc.property(fc.string(), (text) => !/[<>"']/.test(escaped(text))));
  });

  it('lets no JSON end its script, and is still the same JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom('</script>', '<!--', '<script>'), fc.string(), (mark, text) => {
        const json = jsonIn({ text: text + mark }).toString();
        expect(json).not.toContain('<');
        expect(JSON.parse(json)).toEqual({ text: text + mark });
      }),
    );
  });
});
