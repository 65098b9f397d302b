/** For a worker whose disk is full: what it appends fails as there. */
const fs = require('node:fs/promises');

const { open } = fs;
fs.open = async (...args) => {
  const handle = await open(...args);
  if (String(args[0]).endsWith('.jsonl')) {
    handle.appendFile = () =>
      Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }));
  }
  return handle;
};
