import fc from 'fast-check';

// Each mutant runs the properties again: a fifth of a second of each finds what a mutant breaks.
fc.configureGlobal({ plugins: [fc.interruptAfterTimeLimit(200)] });
