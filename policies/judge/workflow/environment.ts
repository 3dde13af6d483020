import { type Json, shown } from "./model";

/** Options of the engine can come by the environment as well. */
export const ENGINE_VARIABLE = /\bPULUMI_OPTION_|SKIP_PREVIEW|\bPULUMI_\w*DISABLE\w*POLIC/;

export function envProblems(environments: readonly Json[]): string[] {
    return environments
        .flatMap((env) => Object.keys(env))
        .filter((name) => ENGINE_VARIABLE.test(name))
        .map((name) => `variable ${shown(name)}, which changes what the engine does`);
}
