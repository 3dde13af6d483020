import * as iam from "@pulumi/aws/iam";
import { Provider } from "@pulumi/aws/provider";
import * as ssm from "@pulumi/aws/ssm";
import * as pulumi from "@pulumi/pulumi";
import { countersign } from "./countersign";
import { fetchReleased, trustOf } from "./documents";

/** What a program leaves to whoever deploys its releases. */
export interface ConsumerOutputs {
    readonly fetchRoleArn: pulumi.Output<string>;
    readonly logVkeyParameter: pulumi.Output<string>;
    readonly keyPinParameter: pulumi.Output<string>;
}

/**
 * A release job's side of countersign: a role that fetches what was released for a tenant, and the two pins with which anybody
 * verifies it (the log's verifier key and the signing key's fingerprint), where jobs find them.
 *
 * Runs by `pulumi up` (index.ts), and as an inline program of the Automation API.
 */
export async function program(): Promise<ConsumerOutputs> {
    const config = new pulumi.Config();
    const region = config.get("region") ?? "eu-west-1";
    const tenant = config.require("tenant");
    const keyName = config.require("keyName");
    const name = `${pulumi.getProject()}-${pulumi.getStack()}`;

    const provider = new Provider("aws", { region, allowedAccountIds: [config.require("accountId")] });
    const stack = countersign(config.require("countersignStack"));

    const role = new iam.Role(
        "fetch",
        {
            name: `${name}-fetch`,
            description: `Fetches what countersign released for ${tenant}`,
            assumeRolePolicy: JSON.stringify(trustOf(config.require("releaseJob"))),
            maxSessionDuration: 3600,
            tags: TAGS,
        },
        { provider },
    );
    new iam.RolePolicy(
        "fetch",
        {
            name: `${name}-fetch`,
            role: role.name,
            policy: pulumi
                .all([stack.resultsBucket, stack.dataKeyArn])
                .apply(([bucket, dataKeyArn]) => JSON.stringify(fetchReleased({ tenant, bucket, dataKeyArn, region }))),
        },
        { provider },
    );
    const logVkey = parameter("log-vkey", "Verifier key of the transparency log", stack.logVkey);
    const keyPin = parameter("key-spki-sha256", `Fingerprint of signing key ${keyName}`, stack.spkiSha256(keyName));

    return { fetchRoleArn: role.arn, logVkeyParameter: logVkey.name, keyPinParameter: keyPin.name };

    function parameter(role: string, description: string, value: pulumi.Output<string>): ssm.Parameter {
        // Public values: no SecureString.
        const args = { name: `/${name}/${role}`, description, type: "String", value, tags: TAGS };
        return new ssm.Parameter(role, args, { provider });
    }
}

const TAGS = { owner: "release-engineering", "data-class": "public" };
