import { expect, it } from "vitest";

import { createPrincipals } from "../../../local/gateway/principals";

const ARN = "arn:aws:iam::111122223333:role/signing/r";
const made = (id: string) =>
    `<CreateRoleResult><Role><Path>/signing/</Path><RoleName>r</RoleName><RoleId>${id}</RoleId><Arn>${ARN}</Arn></Role></CreateRoleResult>`;
const form = (values: Record<string, string>) => new URLSearchParams(values);

it("follows roles and users by their unique ids", () => {
    const principals = createPrincipals();
    expect(principals.uniqueId(ARN)).toBeUndefined();
    principals.observe("111122223333", "CreateRole", form({ RoleName: "r" }), made("AROA1"));
    expect(principals.uniqueId(ARN)).toBe("AROA1");
    principals.observe("444455556666", "DeleteRole", form({ RoleName: "r" }), "");
    expect(principals.uniqueId(ARN)).toBe("AROA1");
    principals.observe("111122223333", "DeleteRole", form({ RoleName: "r" }), "");
    expect(principals.uniqueId(ARN)).toBeUndefined();
    principals.observe("111122223333", "CreateRole", form({ RoleName: "r" }), made("AROA2"));
    expect(principals.uniqueId(ARN)).toBe("AROA2");
    principals.observe(
        "111122223333",
        "CreateUser",
        form({ UserName: "r" }),
        "<User><UserId>AIDA1</UserId><Arn>arn:aws:iam::111122223333:user/r</Arn></User>",
    );
    expect(principals.uniqueId("arn:aws:iam::111122223333:user/r")).toBe("AIDA1");
});

it("knows the root user of every account, and takes no other answer", () => {
    const principals = createPrincipals();
    expect(principals.uniqueId("arn:aws:iam::111122223333:root")).toBe("111122223333");
    principals.observe("111122223333", "CreateRole", form({ RoleName: "r" }), "<nothing/>");
    principals.observe("111122223333", "GetRole", form({ RoleName: "r" }), made("AROA1"));
    expect(principals.uniqueId(ARN)).toBeUndefined();
});
