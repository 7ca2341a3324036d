// Plain JavaScript, so that a Node too old for the rest can still read it and say so. Usage: node start.js <file.ts>
const NODE_MAJOR = 24;
if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) {
  console.error(
    `Greenlane needs Node ${NODE_MAJOR}, this is ${process.versions.node}. Run "npm install" (without --omit=dev): it brings the right one, and "npm start" and "npm run demo" use it.`,
  );
  process.exit(2);
}
await import(new URL(process.argv[2], import.meta.url));
