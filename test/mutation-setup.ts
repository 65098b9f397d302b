import fc from 'fast-check';

// Each mutant runs the properties again, and most of what a mutant breaks shows at once.
fc.configureGlobal({ numRuns: 20 });
