import * as pulumi from "@pulumi/pulumi";

/** A handler as small as one can be, for tests of the seam. */
export function create({ name }: { readonly name: string }): (event: { readonly to: string }) => Promise<string> {
    let calls = 0;
    return async ({ to }) => `${name} greets ${to}, call ${++calls}`;
}

/** What no function may close over. */
export function secretCreate() {
    const password = pulumi.secret("hunter2");
    return () => async () => password.get();
}
