/**
 * What the tests of `src/resize` use of Jest, for Mocha: Stryker runs Mocha in its own process and loads the modules
 * once, where Jest loads them anew for each mutant and each test file.
 */
const { expect } = require('expect');
const fc = require('fast-check');
const { bind } = require('jest-each');
// @ts-expect-error: no types, since @types/mocha declares the same globals as @types/jest
const { interfaces } = require('mocha');

// What a mutant breaks shows soon; and each run of Stryker plays the same histories, so that its figures can be compared.
fc.configureGlobal({ numRuns: 20, seed: 1 });

const { bdd } = interfaces;

/** @param {NodeJS.EventEmitter} suite Mocha's root */
interfaces.bdd = (suite) => {
  bdd(suite);
  suite.on('pre-require', (context) => {
    context.expect = expect;
    context.it.each = bind(context.it);
    context.describe.each = bind(context.describe, false);
  });
};
