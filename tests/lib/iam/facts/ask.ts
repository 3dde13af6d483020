import {
    keyQuestion,
    type KeyWorld,
    mayKey,
    parsePolicy,
    type Principal,
    principalOfArn,
    principalWithoutArn,
    waysToKey,
} from "../../../../lib/iam";
import { ACCOUNT, documentOf, type Json, SCOPE } from "../canonical";

/** Questions of one fact each: a key policy, perhaps some documents more, and one caller. */

export const OTHER_ACCOUNT = "444455556666";
export const role = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/${name}`;
export const user = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:user/${name}`;
export const root = (account = ACCOUNT): string => `arn:aws:iam::${account}:root`;
export const session = (name: string, of: string, account = ACCOUNT): string =>
    `arn:aws:sts::${account}:assumed-role/${of}/${name}`;

export function allow(more: Json = {}): Json {
    return { Effect: "Allow", Principal: "*", Action: "kms:Sign", Resource: "*", ...more };
}

export function deny(more: Json = {}): Json {
    return { Effect: "Deny", Principal: "*", Action: "kms:Sign", Resource: "*", ...more };
}

/** @param name an ARN, `anonymous`, or the name of a service */
export function callerOf(name: string): Principal {
    if (name === "anonymous") return principalWithoutArn("anonymous", name);
    return name.startsWith("arn:") ? principalOfArn(name, SCOPE) : principalWithoutArn("service", name);
}

/** A key policy's text, or its statements. */
export function keyWorld(policy: string | readonly Json[], more: Partial<KeyWorld> = {}): KeyWorld {
    const text = typeof policy === "string" ? policy : documentOf(policy);
    return { scope: SCOPE, keyPolicy: parsePolicy(text, "key"), principals: [], grants: [], ...more };
}

/** Whether a caller may sign; whoever is not declared in `more` holds Allow everything. */
export function maySign(policy: string | readonly Json[], caller: string, more: Partial<KeyWorld> = {}): boolean {
    return mayKey(keyQuestion(keyWorld(policy, more), "kms:Sign"), callerOf(caller)) !== undefined;
}

/** Names of all members of the panel that may sign. */
export function signersOf(policy: string | readonly Json[], more: Partial<KeyWorld> = {}): string[] {
    return waysToKey(keyWorld(policy, more), "kms:Sign").map(({ principal }) => principal.name);
}
