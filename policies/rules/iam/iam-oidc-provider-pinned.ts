import { read, readList } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";

const OIDC = "aws:iam/openIdConnectProvider:OpenIdConnectProvider";
const SAML = "aws:iam/samlProvider:SamlProvider";

export const iamOidcProviderPinned: Rule = {
    id: "iam-oidc-provider-pinned",
    description:
        "identity providers have the issuers and audiences that the settings list, and no certificate of their own choice",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T48", "T49", "T61"],
    types: [OIDC, SAML],
    fix: "list the issuer's URL and audiences in oidcProviders; SAML has no place here",
    reads: ["oidcProviders"],
    good: { props: { url: "https://token.actions.githubusercontent.com", clientIdLists: ["sts.amazonaws.com"] } },
    bad: {
        props: { url: "https://token.actions.githubusercontent.com", clientIdLists: ["sts.amazonaws.com", "extra"] },
    },
    check: ({ type, props }, { oidcProviders }): Finding[] => {
        if (type === SAML) return [{ at: "type", saw: "a SAML provider, expected none", threat: "T49" }];
        const url = read<string>(() => props.url);
        if (url.kind !== "known") return [{ at: "url", saw: `${url.kind}, expected one of oidcProviders` }];
        const provider = oidcProviders.find((one) => one.url === url.value);
        if (provider === undefined) return [{ at: "url", saw: "an issuer that is not one of oidcProviders" }];
        const audiences = readList<string>(() => props.clientIdLists);
        if (audiences.kind !== "known") return [{ at: "clientIdLists", saw: `${audiences.kind}, expected audiences` }];
        if (audiences.value.length === 0) return [{ at: "clientIdLists", saw: "empty, expected audiences" }];
        // Who has the certificate's key is the issuer; left out, AWS takes what the issuer's own address shows.
        const prints = readList<string>(() => props.thumbprintLists);
        const isLeft = prints.kind === "absent" || (prints.kind === "known" && prints.value.length === 0);
        return [
            ...(isLeft
                ? []
                : [{ at: "thumbprintLists", saw: "set, expected absent: AWS asks the issuer", threat: "T61" }]),
            ...audiences.value.flatMap((audience, i): Finding[] =>
                audience.kind === "known" && provider.audiences.includes(audience.value)
                    ? []
                    : [{ at: `clientIdLists[${i}]`, saw: "an audience that the settings do not list" }],
            ),
        ];
    },
};
