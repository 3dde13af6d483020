// Proves that a grant fills a gap that policies leave and never beats a Deny.
import { expect, it } from "vitest";
import { ACCOUNT, bench, sessionOf, type Bench } from "./support";

const RUNNER = `arn:aws:iam::${ACCOUNT}:role/runner`;
const runner = sessionOf("runner", "AROARUNNER");
const REQUEST = { MessageType: "RAW", SigningAlgorithm: "ECDSA_SHA_256", Message: "AAAA" };

async function granted(kms: Bench, more: object = {}): Promise<{ id: string; GrantId: string; GrantToken: string }> {
    const { id } = await kms.createKey("ECC_NIST_P256");
    const input = { KeyId: id, GranteePrincipal: RUNNER, Operations: ["Sign"], ...more };
    const body = (await kms.must("CreateGrant", input)) as unknown as { GrantId: string; GrantToken: string };
    return { id, ...body };
}

it("allows its grantee its operations after an implicit deny, and nobody else, nothing else", async () => {
    const kms = bench();
    const { id } = await granted(kms);
    kms.decide = () => "implicitDeny";
    expect((await kms.call("Sign", { KeyId: id, ...REQUEST })).error?.code).toBe("AccessDeniedException");
    kms.caller = runner;
    expect((await kms.call("Sign", { KeyId: id, ...REQUEST })).status).toBe(200);
    expect((await kms.call("GetPublicKey", { KeyId: id })).error?.code).toBe("AccessDeniedException");
    kms.decide = () => "explicitDeny";
    expect((await kms.call("Sign", { KeyId: id, ...REQUEST })).error?.code).toBe("AccessDeniedException");
});

it("is asked for with what conditions can see", async () => {
    const kms = bench();
    await granted(kms, { RetiringPrincipal: RUNNER });
    expect(kms.asks.at(-1)).toMatchObject({
        action: "kms:CreateGrant",
        context: { "kms:GrantOperations": ["Sign"], "kms:GranteePrincipal": RUNNER, "kms:RetiringPrincipal": RUNNER },
    });
});

it("is listed, found again by name, revoked", async () => {
    const kms = bench();
    const { id, GrantId } = await granted(kms, { Name: "one" });
    const again = { KeyId: id, GranteePrincipal: RUNNER, Operations: ["Sign"], Name: "one" };
    expect(await kms.must("CreateGrant", again)).toMatchObject({ GrantId });
    expect(await kms.must("ListGrants", { KeyId: id })).toMatchObject({
        Grants: [{ GrantId, Name: "one", Operations: ["Sign"] }],
    });
    expect((await kms.call("RevokeGrant", { KeyId: id, GrantId, DryRun: true })).error?.code).toBe(
        "DryRunOperationException",
    );
    await kms.must("RevokeGrant", { KeyId: id, GrantId });
    expect(await kms.must("ListGrants", { KeyId: id })).toMatchObject({ Grants: [] });
    expect((await kms.call("RevokeGrant", { KeyId: id, GrantId })).error?.code).toBe("NotFoundException");
});

it("is retired by whom it names, not by whom a policy would allow", async () => {
    const kms = bench();
    const { id, GrantId, GrantToken } = await granted(kms, { RetiringPrincipal: RUNNER });
    expect((await kms.call("RetireGrant", { GrantToken })).error?.code).toBe("AccessDeniedException");
    kms.caller = runner;
    kms.decide = () => "explicitDeny";
    expect((await kms.call("RetireGrant", { GrantToken })).error?.code).toBe("AccessDeniedException");
    kms.decide = () => "implicitDeny";
    await kms.must("RetireGrant", { KeyId: id, GrantId });
    expect((await kms.call("RetireGrant", { GrantToken })).error?.code).toBe("InvalidGrantTokenException");
    expect((await kms.call("RetireGrant", {})).error?.code).toBe("ValidationException");
    expect((await kms.call("RetireGrant", { KeyId: id, GrantId })).error?.code).toBe("NotFoundException");
});

it.each([
    [{ Operations: ["Decrypt"] }, "ValidationException"],
    [{ Operations: [] }, "ValidationException"],
    [{ GranteePrincipal: "someone" }, "InvalidArnException"],
    [{ DryRun: true }, "DryRunOperationException"],
])("is refused with %j", async (more, code) => {
    const kms = bench();
    const { id } = await kms.createKey("ECC_NIST_P256");
    const input = { KeyId: id, GranteePrincipal: RUNNER, Operations: ["Sign"], ...more };
    expect((await kms.call("CreateGrant", input)).error?.code).toBe(code);
    expect(await kms.must("ListGrants", { KeyId: id })).toMatchObject({ Grants: [] });
});

it("holds only for the encryption context that it names", async () => {
    const kms = bench();
    const { id } = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const Constraints = { EncryptionContextSubset: { tenant: "a" } };
    await kms.must("CreateGrant", {
        KeyId: id,
        GranteePrincipal: RUNNER,
        Operations: ["GenerateDataKey"],
        Constraints,
    });
    kms.caller = runner;
    kms.decide = () => "implicitDeny";
    const key = (EncryptionContext: object): Promise<{ status: number }> =>
        kms.call("GenerateDataKey", { KeyId: id, KeySpec: "AES_256", EncryptionContext });
    expect((await key({ tenant: "a", more: "b" })).status).toBe(200);
    expect((await key({ tenant: "b" })).status).toBe(400);
});
