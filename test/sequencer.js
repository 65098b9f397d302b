// @ts-check
'use strict';

const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * What takes longest begins first, so that no long file is left over at the end, when most workers have nothing to do.
 * Jest does so by the times of the run before, which a bare clone does not have.
 */
const LONGEST_FIRST = [
  'test/story/simulator.cloud-rows',
  'test/story/simulator.crashes',
  'test/story/simulator.politeness',
  'test/story/simulator.costs',
  'test/story/simulator.watched-lists',
  'test/story/simulator.lost-answers',
  'test/story/',
  'test/proxy/',
  'test/chaos/',
  'test/race/',
  'test/demo/',
  'test/scripts/',
  'test/worker/',
  'test/exploration/',
  'test/contract/',
  'test/cloud/http/throttle',
  'test/client/',
  'test/cli/',
  'test/secrets/',
];

/** @param {string} file */
const rank = (file) => {
  const at = LONGEST_FIRST.findIndex((folder) => file.includes(folder));
  return at === -1 ? LONGEST_FIRST.length : at;
};

module.exports = class extends Sequencer {
  /**
   * @override
   * @param {Parameters<Sequencer['sort']>[0]} tests
   */
  async sort(tests) {
    return [...(await super.sort(tests))].sort((a, b) => rank(a.path) - rank(b.path));
  }
};
