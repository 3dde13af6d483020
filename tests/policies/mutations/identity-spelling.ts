import { type Mutant, withText } from "./program";

/** A: documents that two readers understand differently. */

const head = '{"Version":"2012-10-17","Statement":';
const READ = '"Action":"s3:GetObject","Resource":"*"';

const strange: readonly [string, string][] = [
    ["a duplicate Effect", `${head}[{"Effect":"Deny","Effect":"Allow",${READ}}]}`],
    ["a duplicate Action", `${head}{"Effect":"Allow","Action":"kms:Sign",${READ}}}`],
    ["a duplicate Resource", `${head}{"Effect":"Allow",${READ},"Resource":"arn:aws:s3:::b"}}`],
    ["a duplicate Condition", `${head}{"Effect":"Allow",${READ},"Condition":{},"Condition":{"Bool":{"a:b":"true"}}}}`],
    [
        "a duplicate operator",
        `${head}{"Effect":"Allow",${READ},"Condition":{"Bool":{"a:b":"true"},"Bool":{"a:c":"true"}}}}`,
    ],
    ["a duplicate key", `${head}{"Effect":"Allow",${READ},"Condition":{"Bool":{"a:b":"true","a:b":"false"}}}}`],
    [
        "a key in two cases",
        `${head}{"Effect":"Allow",${READ},"Condition":{"Bool":{"aws:ViaAWSService":"true","AWS:viaawsservice":"false"}}}}`,
    ],
    ["a duplicate name by an escape", `${head}{"Effect":"Deny","\\u0045ffect":"Allow",${READ}}}`],
    ["a duplicate Version", `{"Version":"2012-10-17","Version":"2008-10-17","Statement":{"Effect":"Allow",${READ}}}`],
    ["two statements of one Sid", `${head}[{"Sid":"A","Effect":"Allow",${READ}},{"Sid":"A","Effect":"Deny",${READ}}]}`],
    ["odd case", `${head}[{"Effect":"Allow","action":"s3:GetObject","Resource":"*"}]}`],
    ["odd case of the effect", `${head}{"Effect":"allow",${READ}}}`],
    ["odd case of the statement", `{"Version":"2012-10-17","statement":{"Effect":"Allow",${READ}}}`],
    ["an unknown element", `${head}{"Effect":"Allow",${READ},"Comment":"x"}}`],
    [
        "an unknown element beside Statement",
        `{"Version":"2012-10-17","Name":"x","Statement":{"Effect":"Allow",${READ}}}`,
    ],
    ["Action and NotAction", `${head}{"Effect":"Allow",${READ},"NotAction":"s3:Put*"}}`],
    ["Resource and NotResource", `${head}{"Effect":"Allow",${READ},"NotResource":"arn:aws:s3:::b"}}`],
    ["no Action", `${head}{"Effect":"Allow","Resource":"*"}}`],
    ["no Resource", `${head}{"Effect":"Allow","Action":"s3:GetObject"}}`],
    ["a principal", `${head}{"Effect":"Allow",${READ},"Principal":"*"}}`],
    ["a number as action", `${head}{"Effect":"Allow","Action":[1],"Resource":"*"}}`],
    ["null as resource", `${head}{"Effect":"Allow","Action":"s3:GetObject","Resource":null}}`],
    ["an action without service", `${head}{"Effect":"Allow","Action":"GetObject","Resource":"*"}}`],
    ["white space in an action", `${head}{"Effect":"Allow","Action":"s3:Get Object","Resource":"*"}}`],
    ["no statement", '{"Version":"2012-10-17"}'],
    ["an empty list of statements", `${head}[]}`],
    ["a list for a document", `[${head}{"Effect":"Allow",${READ}}}]`],
    ["a comment", `${head}/* */{"Effect":"Allow",${READ}}}`],
    ["a comma at the end", `${head}[{"Effect":"Allow",${READ}},]}`],
    ["two documents", `${head}{"Effect":"Allow",${READ}}} {}`],
    ["a byte order mark", `\ufeff${head}{"Effect":"Allow",${READ}}}`],
    ["no version", `{"Statement":{"Effect":"Allow",${READ}}}`],
    ["an old version", `{"Version":"2008-10-17","Statement":[{"Effect":"Allow",${READ}}]}`],
    ["a version of tomorrow", `{"Version":"2027-01-01","Statement":[{"Effect":"Allow",${READ}}]}`],
    ["an unknown operator", `${head}[{"Effect":"Allow",${READ},"Condition":{"StringSame":{"a:b":"c"}}}]}`],
    [
        "an unknown quantifier",
        `${head}[{"Effect":"Allow",${READ},"Condition":{"ForSomeValues:StringEquals":{"a:b":"c"}}}]}`,
    ],
];

const hidden: readonly [string, string][] = [
    ["escapes that hide Sign", `${head}[{"Effect":"Allow","Action":"k\\u006ds:\\u0053ign","Resource":"*"}]}`],
    ["escapes in capitals", `${head}[{"Effect":"Allow","Action":"\\u006B\\u006D\\u0053:\\u0073ign","Resource":"*"}]}`],
    ["escapes in the element's name", `${head}[{"Effect":"Allow","\\u0041ction":"kms:Sign","\\u0052esource":"*"}]}`],
    ["an escaped wildcard", `${head}[{"Effect":"Allow","Action":"kms:\\u002a","Resource":"\\u002a"}]}`],
    [
        "a duplicate Statement, the first of which parsers drop",
        `${head}{"Effect":"Allow","Action":"kms:Sign","Resource":"*"},"Statement":{"Effect":"Allow",${READ}}}`,
    ],
    ["a duplicate Action, the first of which parsers drop", `${head}{"Effect":"Allow","Action":"kms:Sign",${READ}}}`],
    ["a letter that looks like S", `${head}{"Effect":"Allow","Action":"kms:\u0405ign","Resource":"*"}}`],
    ["a letter that folds to k", `${head}{"Effect":"Allow","Action":"\u212ams:Sign","Resource":"*"}}`],
];

const mutants = (rule: string, spellings: readonly [string, string][]): Mutant[] =>
    spellings.map(([name, text]) => ({ threat: "T15", rule, name, change: (program) => [withText(program, text)] }));

export const spellingMutants: readonly Mutant[] = [
    ...mutants("iam-policy-doc-strict-json", strange),
    ...mutants("iam-sign-identity-docs", hidden),
];
