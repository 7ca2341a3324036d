/**
 * What runs inside the page. Texts, because this program is checked without the types of a browser, and a page cannot
 * see the variables of a test anyway.
 */

export interface Measured {
  /** Pixels by which the page is wider than the screen. */
  readonly wider: number;
  /** Targets a thumb would miss: below 44 px (half a pixel of rounding allowed). */
  readonly small: readonly string[];
  readonly nameless: readonly string[];
}

export const MEASURE = `(() => {
  const targets = [...document.querySelectorAll('button, a, select, input, summary')];
  const nameOf = (target) => (target.getAttribute('aria-label') ?? target.textContent ?? '').trim();
  return {
    wider: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
    nameless: targets.filter((target) => nameOf(target) === '').map((target) => target.outerHTML.slice(0, 120)),
    small: targets
      // The link of a tile covers the whole tile.
      .map((target) => target.closest('.tile') ?? target)
      .filter((target) => {
        const { width, height } = target.getBoundingClientRect();
        return width > 0 && (width < 43.5 || height < 43.5);
      })
      .map((target) => target.outerHTML.slice(0, 120)),
  };
})()`;

/** How many colours the first chart has. */
export const COLOURS = `(() => {
  const canvas = document.querySelector('.chart canvas');
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let at = 0; at < pixels.length; at += 4) colours.add(pixels.slice(at, at + 3).join());
  return colours.size;
})()`;

/** Adds up what moves while the page loads (the browser's own measure, CLS). */
export const WATCH_SHIFTS = `
  window.moved = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.moved += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
`;

/** Bytes on the wire since the navigation began, and what moved. */
export const FIRST_VIEW = `(() => ({
  bytes: [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')]
    .reduce((sum, entry) => sum + entry.transferSize, 0),
  moved: window.moved,
}))()`;
