import { shown } from "./model";

/** Options of the engine can come by the environment as well. */
const ENGINE = /^(PULUMI_OPTION_\w*|PULUMI_\w*SKIP_PREVIEW\w*|PULUMI_\w*DISABLE\w*POLIC\w*)$/;
/** What changes which code runs under the name of node, npm or a shell. */
const CODE =
    /^(NODE_OPTIONS|NODE_PATH|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|PATH|ACTIONS_ALLOW_UNSECURE_COMMANDS|npm_config_\w+|NPM_CONFIG_\w+)$/;
/** They print what a job holds. */
const TRACE = /^(CI_DEBUG_TRACE|CI_DEBUG_SERVICES|ACTIONS_STEP_DEBUG)$/;

/** @param names of variables, wherever they are set */
export function variableProblems(names: readonly string[]): string[] {
    const said = new Set<string>();
    for (const name of names) {
        if (ENGINE.test(name)) said.add(`variable ${shown(name)}, which changes what the engine does`);
        if (CODE.test(name)) said.add(`variable ${shown(name)}, which changes what code runs`);
        if (TRACE.test(name)) said.add(`variable ${shown(name)}, which prints tokens`);
    }
    return [...said];
}

/** Names that a script's text sets: by assignment, or through the forge's file of variables. */
export function assigned(text: string): string[] {
    return [...text.matchAll(/(?:^|[\s;&|("'{])(\w+)=/g)].map(([, name]) => name!);
}

/** Files by which a step sets variables and paths of those after it. */
export function setsLater(text: string): boolean {
    return /\bGITHUB_(ENV|PATH)\b/.test(text);
}
