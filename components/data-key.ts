import * as kms from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import { dataKeyPolicy } from "./iam/data-key";
import { namesOf } from "./names";
import { defaultPrefix, scopeOf } from "./scope";
import { checkCustodians, checkRoleArn } from "./signing-key";
import { dataClass } from "./tags";

export interface DataKeyArgs {
    /** Role ARN of whoever runs `pulumi up`. */
    deployRole: string;
    /** Role ARNs that change the policy, freeze and delete the key. At least one. */
    keyAdmins: string[];
    /** Role ARNs of all tenants: what they upload is encrypted in their name. */
    submitters: string[];
    /** @default PROJECT-STACK */
    namePrefix?: string;
}

/** The symmetric key of the stack's logs, queues, topic, tables and trail. It signs nothing. */
export class DataKey extends pulumi.ComponentResource {
    public readonly keyArn: pulumi.Output<string>;

    constructor(name: string, args: DataKeyArgs, opts?: pulumi.ComponentResourceOptions) {
        super("countersign:index:DataKey", name, {}, opts);
        const { namePrefix, ...custody } = resolveDataKeyArgs(args);

        const policy = scopeOf(this, namePrefix).apply((scope) => JSON.stringify(dataKeyPolicy(scope, custody)));
        // What it encrypted is lost with it, so it outlives the stack.
        const kept = { parent: this, protect: true, retainOnDelete: true };
        const key = new kms.Key(
            name,
            {
                description: `countersign data key of ${namePrefix}`,
                keyUsage: "ENCRYPT_DECRYPT",
                customerMasterKeySpec: "SYMMETRIC_DEFAULT",
                multiRegion: false,
                enableKeyRotation: true,
                deletionWindowInDays: 30,
                policy,
                tags: dataClass("key"),
            },
            kept,
        );
        new kms.Alias(name, { name: namesOf(namePrefix).dataKeyAlias, targetKeyId: key.keyId }, kept);

        this.keyArn = key.arn;
        this.registerOutputs({ keyArn: this.keyArn });
    }
}

/**
 * Applies defaults and checks, in the constructor.
 *
 * @throws BadName, BadConfig
 */
export function resolveDataKeyArgs(args: DataKeyArgs): Required<DataKeyArgs> {
    const { namePrefix = defaultPrefix() } = args;
    namesOf(namePrefix);
    checkCustodians(args.deployRole, args.keyAdmins);
    args.submitters.forEach(checkRoleArn);
    return { ...args, namePrefix };
}
