/** The version in package.json; test/cli/output.test.ts compares them. */
export const version = '0.1.0'
