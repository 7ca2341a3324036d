/** Finding what somebody probably meant, for error messages that help. Pure. */

/** Longer texts are not names: they are not worth comparing, and cost quadratic time. */
const MAX_COMPARED = 64;

/** The `count` names closest to `text` by edit distance, closest first; far-fetched ones are left out. */
export function nearest(text: string, names: readonly string[], count = 3): readonly string[] {
  const wanted = text.slice(0, MAX_COMPARED).toLowerCase();
  const scored = names.map((name) => ({ name, distance: score(wanted, name.toLowerCase()) }));
  return scored
    .filter(({ name, distance }) => distance <= Math.max(2, Math.ceil(name.length / 2)))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, count)
    .map(({ name }) => name);
}

/** A part of a name ("temperature") is a better guess than its edit distance says. */
function score(wanted: string, name: string): number {
  if (wanted.length >= 3 && (name.includes(wanted) || wanted.includes(name))) return 1;
  return editDistance(wanted, name.slice(0, MAX_COMPARED));
}

/** Levenshtein's distance (1966), one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? a.length;
}
