import {
    CreateAccessKeyCommand,
    CreateRoleCommand,
    CreateUserCommand,
    IAMClient,
    PutRolePolicyCommand,
    PutUserPolicyCommand,
} from "@aws-sdk/client-iam";

import type { Credentials } from "./cloud";
import { deployerPolicy } from "./deployer-policy";

/** Principals that an AWS account has before anything of ours is deployed. Made by the root user, who is not used again. */
export interface Baseline {
    /** An IAM user who may assume the roles below, and nothing else. */
    readonly operator: Credentials;
    /** A user of another account whose own policy allows `kms:*` on `*`. */
    readonly otherAccount: Credentials;
    readonly roles: Roles;
}

export interface Roles {
    readonly deployer: string;
    readonly administrator: string;
    /** No identity policy: whatever it may do, a bucket policy says so. */
    readonly submitter: string;
    /** Its own policy allows `kms:*` on `*`. */
    readonly kmsEverything: string;
}

export interface Place {
    readonly endpoint: string;
    readonly region: string;
}

const EVERYTHING = [{ Effect: "Allow", Action: "*", Resource: "*" }];
const ALL_OF_KMS = [{ Effect: "Allow", Action: "kms:*", Resource: "*" }];

export function roleArns(accountId: string): Roles {
    const arn = (name: string): string => `arn:aws:iam::${accountId}:role/countersign-${name}`;
    return {
        deployer: arn("deployer"),
        administrator: arn("administrator"),
        submitter: arn("submitter"),
        kmsEverything: arn("kms-everything"),
    };
}

export async function makeBaseline(
    place: Place,
    home: { accountId: string; root: Credentials },
    other: { accountId: string; root: Credentials },
): Promise<Baseline> {
    const iam = new IAMClient({ ...place, credentials: home.root });
    const otherIam = new IAMClient({ ...place, credentials: other.root });
    try {
        const roles = roleArns(home.accountId);
        const [operator, otherAccount] = await Promise.all([
            makeUser(iam, "operator", [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: Object.values(roles) }]),
            makeUser(otherIam, "outsider", ALL_OF_KMS),
        ]);
        const trusted = `arn:aws:iam::${home.accountId}:user/operator`;
        await Promise.all([
            makeRole(iam, roles.deployer, trusted, deployerPolicy(home.accountId, [...Object.values(roles), trusted])),
            makeRole(iam, roles.administrator, trusted, EVERYTHING),
            makeRole(iam, roles.submitter, trusted, undefined),
            makeRole(iam, roles.kmsEverything, trusted, ALL_OF_KMS),
        ]);
        return { operator, otherAccount, roles };
    } finally {
        iam.destroy();
        otherIam.destroy();
    }
}

async function makeUser(iam: IAMClient, UserName: string, statements: readonly object[]): Promise<Credentials> {
    await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(
        new PutUserPolicyCommand({ UserName, PolicyName: "baseline", PolicyDocument: document(statements) }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

async function makeRole(
    iam: IAMClient,
    arn: string,
    trusted: string,
    statements: readonly object[] | undefined,
): Promise<void> {
    const RoleName = arn.slice(arn.lastIndexOf("/") + 1);
    const trust = document([{ Effect: "Allow", Principal: { AWS: trusted }, Action: "sts:AssumeRole" }]);
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, MaxSessionDuration: 3600 * 12 }));
    if (statements)
        await iam.send(
            new PutRolePolicyCommand({ RoleName, PolicyName: "baseline", PolicyDocument: document(statements) }),
        );
}

function document(Statement: readonly object[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement });
}
