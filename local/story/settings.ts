import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** The local run's fixed facts: nothing here is a secret, and nothing is read from the environment. */

export const ACCOUNT = "111122223333";
export const REGION = "eu-west-1";
export const PROJECT = "countersign";
export const STACK = "local";
export const TENANT = "dev-team";

/** Seconds within which a record has to be in the log; 300 on AWS, where events take longer. */
export const GRACE_SECONDS = 3;

export const ROLES = {
    deployer: `arn:aws:iam::${ACCOUNT}:role/countersign-deployer`,
    administrator: `arn:aws:iam::${ACCOUNT}:role/countersign-administrator`,
    submitter: `arn:aws:iam::${ACCOUNT}:role/countersign-submitter`,
} as const;

/** Configuration of the program: Pulumi.local.yaml, and the certificates, which come once the keys exist. */
export async function programConfig(
    project: string,
    certificates: Record<string, string> = {},
): Promise<Record<string, unknown>> {
    const { config } = parse(await readFile(join(project, "Pulumi.local.yaml"), "utf8")) as {
        config: Record<string, unknown>;
    };
    return Object.keys(certificates).length === 0 ? config : { ...config, [`${PROJECT}:certificates`]: certificates };
}
