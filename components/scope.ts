import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getPartitionOutput } from "@pulumi/aws/getPartition";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";
import type { Scope } from "./iam/arns";

/** Where a deployment lives. Invokes of the explicit provider, so all of it is known in a first preview. */
export function scopeOf(parent: pulumi.Resource, prefix: string): pulumi.Output<Scope> {
    return pulumi
        .all([
            getCallerIdentityOutput({}, { parent }),
            getPartitionOutput({}, { parent }),
            getRegionOutput({}, { parent }),
        ])
        .apply(([identity, { partition }, { region }]) => ({
            partition,
            accountId: identity.accountId,
            region,
            prefix,
        }));
}

/** `PROJECT-STACK`, so that two stacks of the program live side by side in one account. */
export function defaultPrefix(): string {
    return `${pulumi.getProject()}-${pulumi.getStack()}`;
}
