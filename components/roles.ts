import * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { roleArn, type Scope } from "./iam/arns";
import { lambdaTrust, type PolicyDocument } from "./iam/document";
import { dataClass } from "./tags";

export interface RoleDocuments {
    readonly trust: (scope: Scope) => PolicyDocument;
    readonly policy: (scope: Scope) => PolicyDocument;
}

export interface RoleWithRights {
    /** Made of text, so known at preview. */
    readonly arn: pulumi.Output<string>;
    /** What a user of the role must wait for: role and rights. */
    readonly ready: pulumi.Resource[];
}

/** A role with one inline policy of the same name. No managed policies: AWS changes those. */
export function serviceRole(
    name: string,
    roleName: string,
    scope: pulumi.Output<Scope>,
    { trust, policy }: RoleDocuments,
    parent: pulumi.Resource,
): RoleWithRights {
    const role = new iam.Role(
        name,
        {
            name: roleName,
            assumeRolePolicy: scope.apply((known) => JSON.stringify(trust(known))),
            maxSessionDuration: 3600,
            tags: dataClass("internal"),
        },
        { parent },
    );
    const rights = roleRights(name, roleName, role.name, scope, policy, parent);
    return { arn: scope.apply((known) => roleArn(known, roleName)), ready: [role, rights] };
}

/** A function's role has the function's name, and serves no other. */
export function functionRole(
    name: string,
    functionName: string,
    scope: pulumi.Output<Scope>,
    policy: (scope: Scope) => PolicyDocument,
    parent: pulumi.Resource,
): RoleWithRights {
    return serviceRole(name, functionName, scope, { trust: lambdaTrust, policy }, parent);
}

/** The rights alone, for a function that runs as a signer: its role is the SigningKey's. */
export function roleRights(
    name: string,
    policyName: string,
    role: pulumi.Input<string>,
    scope: pulumi.Output<Scope>,
    policy: (scope: Scope) => PolicyDocument,
    parent: pulumi.Resource,
): iam.RolePolicy {
    return new iam.RolePolicy(
        name,
        { name: policyName, role, policy: scope.apply((known) => JSON.stringify(policy(known))) },
        { parent },
    );
}
