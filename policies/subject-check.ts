import { entitlementOf, type Subject } from "../lib/iam/subjects";
import { nearest } from "./nearest";

const COMMON = ["forge", "instance", "ref", "protectedRef", "tag", "protectedTags", "environment", "workflow"];
const REPOSITORY = ["owner", "ownerId", "repo", "repoId", "form"];
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
    github: [...COMMON, ...REPOSITORY],
    forgejo: [...COMMON, ...REPOSITORY],
    gitlab: [...COMMON, "version", "project"],
};

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
    github: ["owner", "ownerId", "repo", "repoId"],
    forgejo: ["instance", "owner", "ownerId", "repo", "repoId"],
    gitlab: ["project"],
};

/** Subjects whose issuer the settings do not list: they admit nobody, which is safe, and never what was meant. */
export function issuerProblems(subjects: readonly Subject[], providers: readonly { readonly url: string }[]): string[] {
    return subjects.flatMap((subject, index) => {
        const url = `https://${entitlementOf(subject, "sts.amazonaws.com").provider}`;
        return providers.some((one) => one.url === url)
            ? []
            : [`subjects[${index}] admits nobody: its issuer ${url} is not one of oidcProviders`];
    });
}

/**
 * What is wrong with a subject of the settings, as sentences. Without this a slip would show only when a role is judged, as a rule that
 * failed.
 */
export function subjectProblems(value: unknown, index: number): string[] {
    const at = `subjects[${index}]`;
    const { forge } = value as { forge?: unknown };
    const known = typeof forge === "string" && Object.hasOwn(MEMBERS, forge) ? MEMBERS[forge]! : undefined;
    if (known === undefined) return [`${at}.forge is no forge, expected one of ${Object.keys(MEMBERS).join(", ")}`];
    const strange = Object.keys(value as object).filter((name) => !known.includes(name) && !name.startsWith("//"));
    if (strange.length > 0)
        return strange.map((name) => `${at}.${name.slice(0, 64)} is no member of it, ${nearest(name, known)}`);
    const missing = REQUIRED[forge as string]!.filter((name) => !Object.hasOwn(value as object, name));
    if (missing.length > 0) return missing.map((name) => `${at}.${name} is missing`);
    const flags = ["protectedRef", "protectedTags"];
    const wrong = Object.entries(value as object).filter(
        ([name, member]) =>
            !name.startsWith("//") && (flags.includes(name) ? member !== true : typeof member !== "string"),
    );
    if (wrong.length > 0)
        return wrong.map(([name]) => `${at}.${name} is not ${flags.includes(name) ? "true, or left out" : "text"}`);
    const places = ["ref", "tag", "environment"].filter((name) => Object.hasOwn(value as object, name));
    if (places.length !== 1) return [`${at} names ${places.length} places, expected one of ref, tag, environment`];
    try {
        entitlementOf(value as Subject, "sts.amazonaws.com");
        return [];
    } catch (error) {
        return [`${at}: ${(error as Error).message}`];
    }
}
