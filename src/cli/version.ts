/** As package.json has it; test/cli/output.test.ts holds them together. */
export const version = '0.1.0'
