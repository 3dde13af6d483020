/** Loads a TypeScript file natively: a value for `require.extensions[".ts"]`. */
export function load(module: { _compile(code: string, file: string): void }, file: string): void;
