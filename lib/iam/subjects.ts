import { codedError, type CodedError } from "../errors";
import { quote } from "../encoding";

/**
 * Who a CI job must be, as structured configuration, and the claims that prove it. Never a free string: a wildcard in an owner
 * or repository admits strangers. Sources: the forges' OpenID Connect documentation, AWS's list of condition keys.
 */
export interface Repository {
    readonly owner: string;
    readonly ownerId: string;
    readonly repo: string;
    readonly repoId: string;
    /** @default "immutable" */
    readonly form?: "immutable" | "legacy" | "both";
}

export type SubjectScope =
    /** `instance`: a GHE.com or GHES host name, or `github.com/SLUG` of an enterprise. */
    | ({ readonly forge: "github"; readonly instance?: string } & Repository)
    /** `instance`: host name, with sub-path if it has one. */
    | ({ readonly forge: "forgejo"; readonly instance: string } & Repository)
    /** `version` of a self-managed instance; before 18.2.2 a fork's merge request gets the protected branch's subject. */
    | { readonly forge: "gitlab"; readonly instance?: string; readonly version?: string; readonly project: string };

export type SubjectWhere =
    | { readonly ref: string; readonly protectedRef: true }
    /** A tag's short name; `v*` only with `protectedTags`. */
    | { readonly tag: string; readonly protectedTags?: true }
    | { readonly environment: string };

/** `workflow`: the top-level workflow file at a tag, as `job_workflow_ref` has it. Required on github.com. */
export type Subject = SubjectScope & SubjectWhere & { readonly workflow?: string };

/** What a trust statement has to prove. Claims are ANDed; of one claim's globs each value must match one. */
export interface Entitlement {
    /** Issuer without `https://`, path included, as in ARN and condition keys. */
    readonly provider: string;
    readonly claims: Readonly<Record<string, readonly string[]>>;
    /** Subjects of a tag pattern: `v*` also matches `v1/evil`, so a Deny of these globs has to stand beside it. */
    readonly deny?: readonly string[];
}

/** @throws BadConfig for anything that would admit more than one named place, or cannot be enforced on that forge */
export function entitlementOf(subject: Subject, audience: string): Entitlement {
    if (!/^[A-Za-z0-9:/._-]{1,255}$/.test(audience)) throw refused(audience, "audience", "a literal audience");
    const place = placeOf(subject);
    switch (subject.forge) {
        case "github":
            return github(subject, place, audience);
        case "forgejo":
            return forgejo(subject, place, audience);
        case "gitlab":
            return gitlab(subject, place, audience);
    }
}

interface Place {
    readonly kind: "branch" | "tag" | "environment";
    /** Full ref, or the environment's name. */
    readonly name: string;
    readonly isPattern: boolean;
}

function placeOf(subject: SubjectWhere): Place {
    if ("environment" in subject)
        return { kind: "environment", name: literal(subject.environment, "environment"), isPattern: false };
    if ("tag" in subject) {
        const isPattern = /^[^*?$\s]*\*$/.test(subject.tag) && subject.protectedTags === true;
        const tag = isPattern
            ? subject.tag
            : literal(subject.tag, "tag, or one pattern such as `v*` with protectedTags");
        return { kind: "tag", name: `refs/tags/${tag}`, isPattern };
    }
    const ref = literal(subject.ref, "ref");
    if (subject.protectedRef !== true) throw refused(ref, "ref", "one with protectedRef: true");
    if (ref.startsWith("refs/heads/") && ref.length > 11) return { kind: "branch", name: ref, isPattern: false };
    if (ref.startsWith("refs/tags/") && ref.length > 10) return { kind: "tag", name: ref, isPattern: false };
    throw refused(ref, "ref", "a full name below refs/heads/ or refs/tags/");
}

function github(subject: Subject & { forge: "github" }, place: Place, audience: string): Entitlement {
    const { provider, isShared, hasImmutable } = githubProvider(subject.instance);
    const form = subject.form ?? (hasImmutable ? "immutable" : "legacy");
    if (form !== "legacy" && !hasImmutable) throw refused(form, "form", "legacy, which is all that this instance has");
    const { owner, ownerId, repo, repoId } = repository(subject);
    const where =
        place.kind === "environment" ? `environment:${place.name.split(":").join("%3A")}` : `ref:${place.name}`;
    const names = [
        ...(form === "legacy" ? [] : [`${owner}@${ownerId}/${repo}@${repoId}`]),
        ...(form === "immutable" ? [] : [`${owner}/${repo}`]),
    ];
    const claims = { aud: [audience], sub: names.map((name) => `repo:${name}:${where}`) };
    // AWS offers these as condition keys for github.com's issuer alone.
    if (isShared) {
        if (subject.workflow === undefined)
            throw refused(
                undefined,
                "workflow",
                "the top-level workflow, since a branch alone admits pull_request_target",
            );
        const ids: Entitlement["claims"] =
            form === "immutable" ? {} : { repository_id: [repoId], repository_owner_id: [ownerId] };
        return withDeny(
            { provider, claims: { ...claims, ...ids, job_workflow_ref: [workflow(subject.workflow)] } },
            place,
        );
    }
    if (subject.workflow !== undefined)
        throw refused(subject.workflow, "workflow", "none: this issuer's claims cannot be conditioned on");
    return withDeny({ provider, claims }, place);
}

function githubProvider(instance: string | undefined): { provider: string; isShared: boolean; hasImmutable: boolean } {
    if (instance === undefined)
        return { provider: "token.actions.githubusercontent.com", isShared: true, hasImmutable: true };
    const slug = /^github\.com\/([A-Za-z0-9-]{1,64})$/.exec(instance);
    if (slug?.[1] !== undefined) {
        return { provider: `token.actions.githubusercontent.com/${slug[1]}`, isShared: false, hasImmutable: true };
    }
    const host = hostName(instance);
    if (host.endsWith(".ghe.com")) return { provider: `token.actions.${host}`, isShared: false, hasImmutable: true };
    return { provider: `${host}/_services/token`, isShared: false, hasImmutable: false };
}

function forgejo(subject: Subject & { forge: "forgejo" }, place: Place, audience: string): Entitlement {
    if (place.kind === "environment")
        throw refused(place.name, "environment", "a ref or tag: Forgejo has no environments");
    if (subject.workflow !== undefined)
        throw refused(subject.workflow, "workflow", "none: Forgejo's claims cannot be conditioned on");
    const { owner, ownerId, repo, repoId } = repository(subject);
    const form = subject.form ?? "immutable";
    const names = [
        ...(form === "legacy" ? [] : [`${owner}-${ownerId}/${repo}-${repoId}`]),
        ...(form === "immutable" ? [] : [`${owner}/${repo}`]),
    ];
    const claims = { aud: [audience], sub: names.map((name) => `repo:${name}:ref:${place.name}`) };
    return withDeny({ provider: `${hostName(subject.instance)}/api/actions`, claims }, place);
}

function gitlab(subject: Subject & { forge: "gitlab" }, place: Place, audience: string): Entitlement {
    if (place.kind === "environment")
        throw refused(place.name, "environment", "a ref or tag: subjects of GitLab name refs");
    if (subject.workflow !== undefined)
        throw refused(subject.workflow, "workflow", "none: GitLab's claims cannot be conditioned on");
    if (!/^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)+$/.test(subject.project))
        throw refused(subject.project, "project", "GROUP/PROJECT");
    if (subject.instance !== undefined && !isFixedGitlab(subject.version)) {
        throw refused(subject.version, "version", "18.2.2 or newer: before, forks get protected subjects");
    }
    const provider = subject.instance === undefined ? "gitlab.com" : hostName(subject.instance);
    const short = place.name.slice(place.kind === "tag" ? "refs/tags/".length : "refs/heads/".length);
    const sub = `project_path:${subject.project}:ref_type:${place.kind}:ref:${short}`;
    return withDeny({ provider, claims: { aud: [audience], sub: [sub] } }, place);
}

function isFixedGitlab(version: string | undefined): boolean {
    const parts = /^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(version ?? "");
    if (parts === null) return false;
    const [major, minor, patch] = parts.slice(1).map(Number) as [number, number, number];
    return major * 1e6 + minor * 1e3 + patch >= 18_002_002;
}

function withDeny(entitlement: Entitlement, place: Place): Entitlement {
    const subjects = entitlement.claims["sub"] ?? [];
    return place.isPattern ? { ...entitlement, deny: subjects.map((subject) => `${subject}/*`) } : entitlement;
}

function repository(subject: Repository): Repository {
    for (const id of [subject.ownerId, subject.repoId]) {
        if (!/^[1-9][0-9]{0,18}$/.test(id))
            throw refused(id, "id", "the number that the forge gave, without leading zero");
    }
    for (const name of [subject.owner, subject.repo]) {
        if (!/^[A-Za-z0-9_.-]{1,100}$/.test(name)) throw refused(name, "name", "letters, digits, `_`, `.`, `-`");
    }
    return subject;
}

/** It names the file and the ref it is taken from. */
function workflow(text: string): string {
    const shape =
        /^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+\/\.github\/workflows\/[A-Za-z0-9_.-]+\.ya?ml@(?:refs\/(?:heads|tags)\/[A-Za-z0-9_.\/-]+|[0-9a-f]{40})$/;
    if (!shape.test(text)) throw refused(text, "workflow", "OWNER/REPO/.github/workflows/FILE@REF");
    return text;
}

/** No IAM wildcard or variable, no white space or control characters; `pull_request` is no place to sign from. */
function literal(text: string, what: string): string {
    if (!/^[!-~]{1,255}$/.test(text) || /[*?$]/.test(text) || text === "pull_request")
        throw refused(text, what, "a literal name");
    return text;
}

function hostName(text: string): string {
    const shape = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{1,5})?(?:\/[A-Za-z0-9_.-]+)*$/;
    if (!shape.test(text)) throw refused(text, "instance", "a host name in lower case, without https://");
    return text;
}

function refused(saw: string | undefined, what: string, expected: string): CodedError {
    return codedError("BadConfig", `subject ${what} ${quote(saw)}, expected ${expected}`);
}
