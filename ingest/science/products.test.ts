import { describe, expect, test } from 'vitest';
import { lifeCurve } from './life-curve.ts';
import { factNames } from './product-schema.ts';
import { citationOf, findProduct, published, unverifiedFacts, withOwnProducts } from './products.ts';
import { isVerified } from './result.ts';

describe('the published products', () => {
  test('there are 164, each with a Chinese and an English name and a temperature', () => {
    expect(published.products.size).toBe(164);
    for (const product of published.products.values()) {
      expect(product.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(product.en.length).toBeGreaterThan(2);
      expect(product.temperature.minC).toBeLessThanOrEqual(product.temperature.maxC);
    }
  });

  test('every fact has a source that is spelled out, and every AH-66 chapter figure its page', () => {
    for (const product of published.products.values()) {
      for (const name of factNames) {
        const fact = product[name];
        if (fact === undefined) continue;
        expect(citationOf(fact).source.length, `${product.id}.${name}`).toBeGreaterThan(10);
        if (fact.source === 'A' && fact.mark === 'READ')
          expect(fact.page, `${product.id}.${name}`).toBeTruthy();
      }
    }
  });

  test('recalled figures are counted: a product with one is not verified', () => {
    let recalled = 0;
    for (const product of published.products.values()) {
      const facts = unverifiedFacts(product);
      recalled += facts.length;
      const answer = findProduct(published, product.id);
      expect(answer.ok && answer.verified).toBe(facts.length === 0);
    }
    expect(recalled).toBeGreaterThan(40);
    expect(isVerified('K')).toBe(false);
  });

  test('the alarm is on the warmer freezing point and on the stricter chilling threshold', () => {
    const peach = published.products.get('peach');
    const olive = published.products.get('olive');
    expect(peach?.freezing).toMatchObject({ highestC: -1.5, alarmC: -0.8 });
    expect(olive?.chilling).toMatchObject({ thresholdC: 5, strictC: 7 });
    for (const { freezing, chilling } of published.products.values()) {
      if (freezing) expect(freezing.alarmC).toBeGreaterThanOrEqual(freezing.highestC);
      if (chilling?.thresholdC !== undefined)
        expect(chilling.strictC).toBeGreaterThanOrEqual(chilling.thresholdC);
    }
  });

  test('the errata of AH-66 are not shipped: suspect respiration rows are not usable', () => {
    for (const id of ['carrot', 'radish_topped', 'radish_bunched']) {
      expect(published.products.get(id)?.respiration?.usable ?? false).toBe(false);
    }
    expect(published.products.get('dill')?.respiration?.mgCo2PerKgH).toEqual([
      [0, 22],
      [10, 103],
      [20, 324],
    ]);
  });
});

describe("a co-operative's own file", () => {
  const file = {
    source: 'Dandong strawberry co-operative, trial of 2026',
    products: [
      { id: 'strawberry', life: { atC: 0, minDays: 10, maxDays: 14 } },
      {
        id: 'strawberry_hongyan',
        basedOn: 'strawberry',
        en: 'Strawberry (Hongyan)',
        zh: '红颜草莓',
        lifeNodes: [
          { atC: 0, minDays: 9, maxDays: 12 },
          { atC: 10, minDays: 3, maxDays: 4 },
        ],
      },
    ],
  };

  test('changes a figure and is named as its source', () => {
    const own = withOwnProducts(published, file);
    if (!own.ok) throw new Error(own.detail);
    const strawberry = findProduct(own.value, 'strawberry');
    if (!strawberry.ok) throw new Error(strawberry.detail);
    expect(strawberry.value.life).toMatchObject({ maxDays: 14, source: file.source, mark: 'OWN' });
    expect(strawberry.citations.map((citation) => citation.source)).toContain(file.source);
    const curve = lifeCurve(own.value, 'strawberry');
    expect(curve.ok && curve.citations[0]).toMatchObject({ source: file.source, mark: 'OWN' });
    expect(published.products.get('strawberry')?.life?.maxDays).toBe(7);
  });

  test('adds a variety with its own life nodes and takes the rest from its crop', () => {
    const own = withOwnProducts(published, file);
    if (!own.ok) throw new Error(own.detail);
    expect(own.value.products.get('strawberry_hongyan')).toMatchObject({ zh: '红颜草莓', kind: 'fresh' });
    const curve = lifeCurve(own.value, 'strawberry_hongyan');
    expect(curve.ok && curve.value.knots.slice(0, 2).map((knot) => knot.atC)).toEqual([0, 10]);
  });

  test.each([
    [{ source: 'x', products: [] }, 'source'],
    [{ source: 'us', products: [{ id: 'Bad Id' }] }, 'source'],
    [{ source: 'ourselves', products: [{ id: 'kiwi', life: { atC: 0, maxDays: -1 } }] }, 'life.maxDays'],
    [{ source: 'ourselves', products: [{ id: 'new_one', en: 'New' }] }, 'temperature'],
    [{ source: 'ourselves', products: [{ id: 'x1', basedOn: 'nothing' }] }, 'basedOn'],
    [{ source: 'ourselves', products: [{ id: 'kiwifruit', lifespan: 3 }] }, 'lifespan'],
    [null, 'top level'],
  ])('is refused with the name of the field: %j', (bad, field) => {
    const own = withOwnProducts(published, bad);
    expect(own.ok).toBe(false);
    expect(!own.ok && own.detail).toContain(field);
  });
});
