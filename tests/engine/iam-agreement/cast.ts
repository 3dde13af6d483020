import type { Principal } from "../../../lib/iam";

/** Who stands in the documents and who asks. Each lane has a cast of its own, so that lanes change nothing of each other's. */

export const ACCOUNT = "111122223333";
export const OTHER = "444455556666";
export const REGION = "eu-west-1";
export const SESSION = "s1";

export type Kind = "signer" | "runner" | "user" | "root" | "other role" | "other user" | "other root";
export const KINDS: readonly Kind[] = ["signer", "runner", "user", "root", "other role", "other user", "other root"];

export interface Member {
    readonly kind: Kind;
    readonly account: string;
    /** Of the role, user or root user. */
    readonly arn: string;
    readonly name: string;
    readonly path: string;
    readonly type: "role" | "user" | "root";
    /** `team` tag of the role or user. */
    readonly team?: string;
}

/** Two names begin alike, two differ by their path alone, and one stands in both accounts. */
export function castOf(lane: number): readonly Member[] {
    const member = (kind: Kind, account: string, type: "role" | "user", path: string, name: string, team?: string) => ({
        kind,
        account,
        type,
        path,
        name,
        arn: `arn:aws:iam::${account}:${type}${path}${name}`,
        ...(team !== undefined && { team }),
    });
    const root = (kind: Kind, account: string): Member => ({
        kind,
        account,
        type: "root",
        path: "",
        name: "root",
        arn: `arn:aws:iam::${account}:root`,
    });
    return [
        member("signer", ACCOUNT, "role", "/signing/", `signer-${lane}`, "release"),
        member("runner", ACCOUNT, "role", "/", `signer-${lane}-runner`),
        member("user", ACCOUNT, "user", "/ci/", `eve-${lane}`, "build"),
        root("root", ACCOUNT),
        member("other role", OTHER, "role", "/signing/", `signer-${lane}`, "release"),
        member("other user", OTHER, "user", "/", `mallory-${lane}`),
        root("other root", OTHER),
    ];
}

/** A principal that exists and never asks. */
export const STRANGER = `arn:aws:iam::${ACCOUNT}:role/stranger`;

/** As lib/iam has it. @param uniqueId `AROA...` or `AIDA...` */
export function principalOf({ arn, account, type }: Member, uniqueId: string): Principal {
    return {
        kind: type,
        name: arn,
        arn,
        isClass: false,
        except: [],
        accountId: account,
        org: { kind: "absent" },
        uniqueId,
        ...(type === "role" && { sessionName: SESSION }),
    };
}
