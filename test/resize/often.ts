import fc from 'fast-check';

/** How often a property is tried: so many times, or as often as is configured for all of them (test/mutation-setup.js). */
export const often = (numRuns: number) => ({ numRuns: fc.readConfigureGlobal().numRuns ?? numRuns });
