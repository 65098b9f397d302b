/** Takes a lock and holds it, as a process of its own. */
const path = require('node:path');
const { lockFile } = require(path.join(__dirname, '..', '..', 'dist', 'audit', 'file-lock.js'));

process.send?.(lockFile(process.argv[2]) !== undefined);
setInterval(() => undefined, 60_000);
