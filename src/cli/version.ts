/** As package.json has it; test/cli/version.test.ts holds them together. */
export const version = '0.1.0'
