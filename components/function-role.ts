import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { roleArn, type Scope } from "./iam/arns";
import { lambdaTrust, type PolicyDocument } from "./iam/document";
import { dataClass } from "./tags";

export interface FunctionRole {
    /** Made of text, so known at preview. */
    readonly arn: pulumi.Output<string>;
    /** What a function must wait for: role and rights. */
    readonly ready: pulumi.Resource[];
}

/** One role a function, of the function's name, with one inline policy. No managed policies: AWS changes those. */
export function functionRole(
    name: string,
    functionName: string,
    scope: pulumi.Output<Scope>,
    policy: (scope: Scope) => PolicyDocument,
    parent: pulumi.Resource,
): FunctionRole {
    const role = new iam.Role(
        `${name}-role`,
        {
            name: functionName,
            description: `Runs function ${functionName}`,
            assumeRolePolicy: JSON.stringify(lambdaTrust()),
            maxSessionDuration: 3600,
            tags: dataClass("internal"),
        },
        { parent },
    );
    const rights = functionRights(name, functionName, role.name, scope, policy, parent);
    return { arn: scope.apply((known) => roleArn(known, functionName)), ready: [role, rights] };
}

/** The rights alone, for a function that runs as a signer: its role is the SigningKey's. */
export function functionRights(
    name: string,
    functionName: string,
    role: pulumi.Input<string>,
    scope: pulumi.Output<Scope>,
    policy: (scope: Scope) => PolicyDocument,
    parent: pulumi.Resource,
): iam.RolePolicy {
    return new iam.RolePolicy(
        `${name}-rights`,
        { name: functionName, role, policy: scope.apply((known) => JSON.stringify(policy(known))) },
        { parent },
    );
}
