"use strict";

// policies/index.ts
var import_policy2 = require("@pulumi/policy");

// policies/read.ts
var import_policy = require("@pulumi/policy");
function read(get) {
  try {
    const value = get();
    return value == null ? { kind: "absent" } : { kind: "known", value };
  } catch (error) {
    if (error instanceof import_policy.UnknownValueError) return { kind: "unknown" };
    throw error;
  }
}
function readList(get) {
  const list = read(get);
  if (list.kind !== "known") return list;
  if (!Array.isArray(list.value)) return { kind: "known", value: [{ kind: "known", value: list.value }] };
  const { length } = list.value;
  const members = Array.from({ length }, (_, i) => read(() => list.value[i]));
  return { kind: "known", value: members };
}
function readKeys(get) {
  const object = read(get);
  return object.kind === "known" ? { kind: "known", value: Object.keys(object.value) } : object;
}

// policies/rule.ts
var NIST_KEY_MANAGEMENT = {
  name: "NIST SP 800-57 Part 1",
  version: "Revision 5",
  reference: "section 5.3, 6.1",
  specification: "keys are protected against use by anyone but the authorized entity over their whole life"
};
var NIST_LEAST_PRIVILEGE = {
  name: "NIST SP 800-53",
  version: "Revision 5",
  reference: "AC-6",
  specification: "access is the least that a duty needs"
};
var NIST_CONFIGURATION = {
  name: "NIST SP 800-53",
  version: "Revision 5",
  reference: "CM-6",
  specification: "settings of components are the documented ones, and deviations are found"
};

// policies/rules/compute/lambda-hardening.ts
var TYPES = [
  "aws:lambda/function:Function",
  "aws:lambda/permission:Permission",
  "aws:lambda/functionUrl:FunctionUrl",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
];
var ROLE_ARN = /^arn:[a-z-]+:iam::[0-9]{12}:role\/[\w+=,.@/-]+$/;
var FULL_ACCESS = /^arn:[a-z-]+:iam::aws:policy\/(.*\/)?(.*FullAccess|.*Full_Access|AdministratorAccess|PowerUserAccess|.*PowerUser|AWSLambda_.*)$/;
var lambdaHardening = {
  id: "lambda-hardening",
  description: "every function runs under one explicit role, and only named sources invoke it",
  severity: "high",
  framework: NIST_LEAST_PRIVILEGE,
  threats: ["T72"],
  types: TYPES,
  fix: "create functions through components/inline-function.ts with a role of their own; name SourceArn and SourceAccount on permissions",
  reads: [],
  good: {
    props: {
      name: "countersign-dev-prepare",
      role: "arn:aws:iam::111122223333:role/countersign-dev-prepare",
      runtime: "nodejs24.x"
    }
  },
  bad: { props: { name: "countersign-dev-prepare", runtime: "nodejs24.x" } },
  check: (resource) => {
    switch (resource.type) {
      case "aws:lambda/function:Function":
        return functionFindings(resource);
      case "aws:lambda/permission:Permission":
        return permissionFindings(resource);
      case "aws:lambda/functionUrl:FunctionUrl":
        return urlFindings(resource);
      case "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
        return attachmentFindings(resource);
    }
  }
};
function functionFindings({ props }) {
  const variables = readKeys(() => props.environment?.variables);
  const names = variables.kind === "known" ? variables.value : [];
  return [
    ...roleFindings(read(() => props.role)),
    ...read(() => props.name).kind === "known" ? [] : [{ at: "name", saw: "not an explicit name" }],
    ...layerFindings(readList(() => props.layers)),
    ...variables.kind === "unknown" ? [{ at: "environment", saw: "unknown, expected names that can be judged" }] : [],
    ...names.filter((name) => /SECRET|PASSWORD|TOKEN|PRIVATE_KEY|ACCESS_KEY/i.test(name)).map(secretFinding)
  ];
}
function roleFindings(role) {
  if (role.kind !== "known") return [{ at: "role", saw: `${role.kind}, expected the ARN of a role of this function's own` }];
  return ROLE_ARN.test(role.value) ? [] : [{ at: "role", saw: "not a role ARN built from account and name" }];
}
function layerFindings(layers) {
  if (layers.kind === "absent" || layers.kind === "known" && layers.value.length === 0) return [];
  return [{ at: "layers", saw: "set, expected none: a layer is code that nobody reviewed here" }];
}
function secretFinding(name) {
  return { at: `environment.variables.${name}`, saw: "named like a secret, expected configuration only" };
}
function permissionFindings({ props }) {
  const principal = read(() => props.principal);
  return [
    ...principal.kind === "known" && principal.value !== "*" ? [] : [{ at: "principal", saw: shown(principal) }],
    ...["sourceArn", "sourceAccount"].flatMap((at) => {
      const source = read(() => props[at]);
      return source.kind === "known" && !source.value.includes("*") ? [] : [{ at, saw: `${shown(source)}, expected an exact value` }];
    }),
    ...read(() => props.functionUrlAuthType).kind === "absent" ? [] : [{ at: "functionUrlAuthType", saw: "set, expected absent" }]
  ];
}
function urlFindings({ props }) {
  const auth = read(() => props.authorizationType);
  return auth.kind === "known" && auth.value === "AWS_IAM" ? [] : [{ at: "authorizationType", saw: `${shown(auth)}, expected AWS_IAM` }];
}
function attachmentFindings({ props }) {
  const arn = read(() => props.policyArn);
  if (arn.kind !== "known" || !FULL_ACCESS.test(arn.value)) return [];
  return [{ at: "policyArn", saw: `${arn.value}, expected a document with the least that the role needs` }];
}
function shown(value) {
  return value.kind === "known" ? String(value.value) : value.kind;
}

// policies/documents.ts
var PLACES = {
  "aws:kms/key:Key": [{ property: "policy", kind: "key" }],
  "aws:kms/keyPolicy:KeyPolicy": [{ property: "policy", kind: "key", required: true }],
  "aws:kms/replicaKey:ReplicaKey": [{ property: "policy", kind: "key" }],
  "aws:kms/externalKey:ExternalKey": [{ property: "policy", kind: "key" }],
  "aws:iam/role:Role": [
    { property: "assumeRolePolicy", kind: "trust", required: true },
    { property: "inlinePolicies", kind: "identity", list: true }
  ],
  "aws:iam/rolePolicy:RolePolicy": [{ property: "policy", kind: "identity", required: true }],
  "aws:iam/policy:Policy": [{ property: "policy", kind: "managed", required: true }],
  "aws:iam/userPolicy:UserPolicy": [{ property: "policy", kind: "user", required: true }],
  "aws:iam/groupPolicy:GroupPolicy": [{ property: "policy", kind: "group", required: true }],
  "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": [
    { property: "inlinePolicy", kind: "identity", required: true }
  ],
  "aws:s3/bucketPolicy:BucketPolicy": [{ property: "policy", kind: "resource", required: true }],
  "aws:s3/bucket:Bucket": [{ property: "policy", kind: "resource" }],
  "aws:sqs/queuePolicy:QueuePolicy": [{ property: "policy", kind: "resource", required: true }],
  "aws:sqs/queue:Queue": [{ property: "policy", kind: "resource" }],
  "aws:sns/topicPolicy:TopicPolicy": [{ property: "policy", kind: "resource", required: true }],
  "aws:sns/topic:Topic": [{ property: "policy", kind: "resource" }],
  "aws:dynamodb/resourcePolicy:ResourcePolicy": [{ property: "policy", kind: "resource", required: true }],
  "aws:secretsmanager/secretPolicy:SecretPolicy": [{ property: "policy", kind: "resource", required: true }],
  "aws:ecr/repositoryPolicy:RepositoryPolicy": [{ property: "policy", kind: "resource", required: true }],
  "aws:ec2/vpcEndpoint:VpcEndpoint": [{ property: "policy", kind: "endpoint" }],
  "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": [{ property: "policy", kind: "endpoint", required: true }]
};
var DOCUMENT_TYPES = Object.keys(PLACES);
function documentsOf(resource) {
  const places = Object.hasOwn(PLACES, resource.type) ? PLACES[resource.type] : [];
  return places.flatMap((place) => place.list ? listed(resource, place) : [single(resource, place)]);
}
function single(resource, { property, kind, required = false }) {
  return { at: property, kind, required, text: asText(() => resource.props[property]) };
}
function listed(resource, { property, kind }) {
  const members = readList(() => resource.props[property]);
  if (members.kind === "absent") return [];
  if (members.kind === "unknown") return [{ at: property, kind, required: false, text: { kind: "unknown" } }];
  return members.value.map((member, i) => ({
    at: `${property}[${i}].policy`,
    kind,
    required: false,
    text: member.kind === "known" ? asText(() => member.value.policy) : { kind: "unknown" }
  }));
}
function asText(get) {
  const value = read(get);
  if (value.kind !== "known" || typeof value.value === "string") return value;
  return read(() => JSON.stringify(value.value));
}

// policies/rules/iam/iam-policy-doc-known.ts
var iamPolicyDocKnown = {
  id: "iam-policy-doc-known",
  description: "every policy document is known before anything is created",
  severity: "critical",
  framework: NIST_LEAST_PRIVILEGE,
  threats: ["T80"],
  types: DOCUMENT_TYPES,
  fix: "build the document from partition, account, region and explicit names, never from the ARN of a new resource",
  reads: [],
  good: { type: "aws:iam/rolePolicy:RolePolicy", props: { policy: '{"Version":"2012-10-17","Statement":[]}' } },
  bad: { type: "aws:iam/rolePolicy:RolePolicy", props: {} },
  check: (resource) => documentsOf(resource).flatMap(({ at, required, text }) => {
    if (text.kind === "unknown") return [{ at, saw: "unknown at preview, so it cannot be judged" }];
    if (text.kind === "absent" && required) return [{ at, saw: "absent, expected a document" }];
    return [];
  })
};

// policies/keys.ts
var KEY_TYPES = [
  "aws:kms/key:Key",
  "aws:kms/externalKey:ExternalKey",
  "aws:kms/replicaKey:ReplicaKey",
  "aws:kms/replicaExternalKey:ReplicaExternalKey"
];
var SYMMETRIC_SPECS = ["SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"];
function isSigningUsage(resource) {
  if (resource.type !== "aws:kms/key:Key") return true;
  const usage = read(() => resource.props.keyUsage);
  if (usage.kind === "known") return usage.value !== "ENCRYPT_DECRYPT" && usage.value !== "GENERATE_VERIFY_MAC";
  if (usage.kind === "unknown") return true;
  const spec = read(() => resource.props.customerMasterKeySpec);
  return spec.kind === "unknown" || spec.kind === "known" && !SYMMETRIC_SPECS.includes(spec.value);
}
function isOurs(resource, settings) {
  return !settings.nonSigningKeys.some(({ name, reason }) => name === resource.name && reason !== "");
}

// policies/rules/kms/kms-key-protect-and-window.ts
var kmsKeyProtectAndWindow = {
  id: "kms-key-protect-and-window",
  description: "signing keys are protected, enabled, and take 30 days to delete",
  severity: "high",
  framework: NIST_KEY_MANAGEMENT,
  threats: ["T36"],
  types: KEY_TYPES,
  fix: "set protect: true, deletionWindowInDays: 30 and leave isEnabled alone",
  reads: ["nonSigningKeys"],
  good: { props: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_4096", deletionWindowInDays: 30 }, protect: true },
  bad: { props: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_4096", deletionWindowInDays: 7 }, protect: true },
  check: (resource, settings) => {
    if (!isSigningUsage(resource) || !isOurs(resource, settings)) return [];
    return [
      ...resource.opts.protect ? [] : [{ at: "opts.protect", saw: "not protected" }],
      ...windowFindings(read(() => resource.props.deletionWindowInDays)),
      ...enabledFindings(read(() => resource.props.isEnabled))
    ];
  }
};
function windowFindings(days) {
  const at = "deletionWindowInDays";
  switch (days.kind) {
    case "absent":
      return [];
    // AWS's default is 30
    case "unknown":
      return [{ at, saw: "unknown at preview, so it cannot be judged" }];
    case "known":
      return days.value >= 30 ? [] : [{ at, saw: `${days.value} days, expected 30` }];
  }
}
function enabledFindings(enabled) {
  if (enabled.kind === "absent" || enabled.kind === "known" && enabled.value) return [];
  return [{ at: "isEnabled", saw: `${enabled.kind === "known" ? "false" : "unknown"}, expected true or absent` }];
}

// policies/rules/kms/kms-no-grants.ts
var HARMLESS = [
  "Decrypt",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "ReEncryptFrom",
  "ReEncryptTo",
  "DescribeKey",
  "RetireGrant",
  "GenerateMac",
  "VerifyMac"
];
var kmsNoGrants = {
  id: "kms-no-grants",
  description: "no grant can sign, and no signing key has a grant",
  severity: "critical",
  framework: NIST_KEY_MANAGEMENT,
  threats: ["T27"],
  types: ["aws:kms/grant:Grant"],
  fix: "remove the grant: access to a signing key comes from its key policy alone",
  reads: ["nonSigningKeys"],
  good: { props: { keyId: "alias/data", granteePrincipal: "arn:aws:iam::111122223333:role/reader", operations: ["Decrypt"] } },
  bad: { props: { keyId: "alias/data", granteePrincipal: "arn:aws:iam::111122223333:role/reader", operations: ["Sign"] } },
  check: ({ props }) => operationFindings(props),
  checkStack: (resources) => resources.filter(({ type }) => type === "aws:kms/grant:Grant").flatMap((grant) => keyFindings(grant, resources).map((finding) => ({ ...finding, resource: grant })))
};
function operationFindings(props) {
  const operations = readList(() => props.operations);
  if (operations.kind !== "known") return [{ at: "operations", saw: `${operations.kind}, expected a list without Sign` }];
  return operations.value.flatMap((operation, i) => {
    if (operation.kind === "known" && HARMLESS.includes(operation.value)) return [];
    const saw = operation.kind === "known" ? operation.value : operation.kind;
    return [{ at: `operations[${i}]`, saw: `${saw}, expected one of ${HARMLESS.join(", ")}` }];
  });
}
function keyFindings(grant, resources) {
  const from = grant.dependencies?.keyId ?? [];
  const keys = resources.filter(({ urn, type }) => from.includes(urn) && type.startsWith("aws:kms/"));
  const id = read(() => grant.props.keyId);
  if (keys.length === 0 && id.kind !== "known") return [{ at: "keyId", saw: "unknown, and it depends on no key of this stack" }];
  return keys.filter((key) => read(() => key.props.keyUsage).kind !== "known" || key.props.keyUsage === "SIGN_VERIFY").map((key) => ({ at: "keyId", saw: `a grant on signing key ${key.name}`, target: key.name }));
}

// lib/errors.ts
function codedError(code, message2, cause) {
  return Object.assign(new Error(message2), { name: code, code, cause });
}

// lib/encoding.ts
function quote(value) {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}..."`;
}

// lib/kms/specs.ts
var RSA = [
  "RSASSA_PKCS1_V1_5_SHA_256",
  "RSASSA_PKCS1_V1_5_SHA_384",
  "RSASSA_PKCS1_V1_5_SHA_512",
  "RSASSA_PSS_SHA_256",
  "RSASSA_PSS_SHA_384",
  "RSASSA_PSS_SHA_512"
];
var SPECS = {
  RSA_2048: RSA,
  RSA_3072: RSA,
  RSA_4096: RSA,
  ECC_NIST_P256: ["ECDSA_SHA_256"],
  ECC_NIST_P384: ["ECDSA_SHA_384"],
  ECC_NIST_P521: ["ECDSA_SHA_512"],
  ECC_SECG_P256K1: ["ECDSA_SHA_256"],
  ECC_NIST_EDWARDS25519: ["ED25519_SHA_512"],
  ML_DSA_44: ["ML_DSA_SHAKE_256"],
  ML_DSA_65: ["ML_DSA_SHAKE_256"],
  ML_DSA_87: ["ML_DSA_SHAKE_256"]
};
function algorithmsOf(spec) {
  const algorithms = Object.hasOwn(SPECS, spec) ? SPECS[spec] : void 0;
  if (!algorithms) {
    throw codedError("BadKeySpec", `key spec ${quote(spec)} cannot sign, expected one of ${Object.keys(SPECS).join(", ")}`);
  }
  return algorithms;
}

// policies/rules/kms/kms-signing-key-shape.ts
var kmsSigningKeyShape = {
  id: "kms-signing-key-shape",
  description: "signing keys are made in KMS, stay in one region, and have a spec that signs",
  severity: "high",
  framework: NIST_KEY_MANAGEMENT,
  threats: ["T29", "T30"],
  types: KEY_TYPES,
  fix: "use aws.kms.Key with keyUsage SIGN_VERIFY, a signing spec, multiRegion false and no custom key store",
  reads: ["nonSigningKeys"],
  good: { props: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_4096" } },
  bad: { props: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_4096", multiRegion: true } },
  check: (resource, settings) => {
    if (resource.type !== "aws:kms/key:Key") {
      return [{ at: "type", saw: `${resource.type}: the private key exists outside this key, expected aws:kms/key:Key` }];
    }
    return isSigningUsage(resource) && isOurs(resource, settings) ? shapeFindings(resource) : rotationFindings(resource, settings);
  }
};
function shapeFindings({ props }) {
  return [
    ...usageFinding(read(() => props.keyUsage)),
    ...specFinding(read(() => props.customerMasterKeySpec)),
    ...mustBeOff("multiRegion", read(() => props.multiRegion)),
    ...mustBeAbsent("customKeyStoreId", read(() => props.customKeyStoreId)),
    ...mustBeAbsent("xksKeyId", read(() => props.xksKeyId)),
    ...mustBeOff("bypassPolicyLockoutSafetyCheck", read(() => props.bypassPolicyLockoutSafetyCheck)),
    ...mustBeOff("enableKeyRotation", read(() => props.enableKeyRotation))
  ];
}
function rotationFindings(resource, settings) {
  if (isSigningUsage(resource) || !isOurs(resource, settings)) return [];
  const rotation = read(() => resource.props.enableKeyRotation);
  if (rotation.kind === "known" && rotation.value) return [];
  return [{ at: "enableKeyRotation", saw: `${shown2(rotation)}, expected true on a symmetric key` }];
}
function usageFinding(usage) {
  return usage.kind === "known" ? [] : [{ at: "keyUsage", saw: `${shown2(usage)}, expected SIGN_VERIFY` }];
}
function specFinding(spec) {
  const at = "customerMasterKeySpec";
  if (spec.kind !== "known") return [{ at, saw: `${shown2(spec)}, expected a spec that signs` }];
  try {
    algorithmsOf(spec.value);
    return [];
  } catch (error) {
    return [{ at, saw: error.message }];
  }
}
function mustBeOff(at, property) {
  return property.kind === "absent" || property.kind === "known" && property.value === false ? [] : [{ at, saw: `${shown2(property)}, expected false or absent` }];
}
function mustBeAbsent(at, property) {
  return property.kind === "absent" ? [] : [{ at, saw: `${property.kind === "known" ? "set" : "unknown"}, expected absent` }];
}
function shown2(property) {
  return property.kind === "known" ? String(property.value) : property.kind;
}

// policies/rules/stack/provider-pinned.ts
var FORBIDDEN = [
  "endpoints",
  "skipCredentialsValidation",
  "skipRegionValidation",
  "skipRequestingAccountId",
  "skipMetadataApiCheck",
  "profile",
  "sharedCredentialsFiles",
  "sharedConfigFiles",
  "customCaBundle",
  "httpProxy",
  "httpsProxy",
  "insecure",
  "accessKey",
  "secretKey",
  "token"
];
var providerPinned = {
  id: "provider-pinned",
  description: "one explicit aws provider, pinned to an account and a region",
  severity: "high",
  framework: NIST_CONFIGURATION,
  threats: ["T83", "T92"],
  types: "any",
  fix: "create one aws.Provider with region and allowedAccountIds and pass it to every resource",
  reads: ["accountId", "regions", "loopbackEndpoints"],
  good: { type: "pulumi:providers:aws", name: "aws", props: { region: "eu-west-1", allowedAccountIds: '["111122223333"]' } },
  bad: { type: "pulumi:providers:aws", name: "aws", props: { region: "eu-west-1" } },
  check: (resource, settings) => {
    if (resource.type === "pulumi:providers:aws") return providerFindings(resource, settings);
    return resource.type.startsWith("aws:") ? resourceFindings(resource, settings) : [];
  }
};
function providerFindings(provider, settings) {
  const { props, name } = provider;
  const keys = readKeys(() => props);
  const names = keys.kind === "known" ? keys.value : [];
  return [
    ...name.startsWith("default") ? [{ at: "name", saw: `the default provider ${name}, expected an explicit one` }] : [],
    ...accountFindings(accounts(provider), settings),
    ...regionFindings("region", read(() => props.region), settings, true),
    ...names.filter((key) => FORBIDDEN.includes(key) && isSet(read(() => props[key]))).flatMap((key) => forbidden(props, key, settings)),
    ...names.filter((key) => key === "pluginDownloadURL" || key === "parameterization").map((at) => ({ at, saw: "set, expected absent" }))
  ];
}
function isSet(value) {
  return value.kind === "unknown" || value.kind === "known" && value.value !== false && value.value !== "false" && value.value !== "";
}
function forbidden(props, key, settings) {
  const value = read(() => props[key]);
  const allowed = key === "endpoints" && value.kind === "known" && endpointsOf(value.value).every((e) => settings.loopbackEndpoints.includes(e));
  return allowed ? [] : [{ at: key, saw: "set, expected absent" }];
}
function endpointsOf(value) {
  const list = typeof value === "string" ? JSON.parse(value) : value;
  return Array.isArray(list) ? list.flatMap((one) => Object.values(one).map(String)) : ["not a list"];
}
function accounts(provider) {
  const raw = read(() => provider.props.allowedAccountIds);
  if (raw.kind !== "known" || Array.isArray(raw.value)) return raw;
  try {
    const list = JSON.parse(raw.value);
    return Array.isArray(list) ? { kind: "known", value: list.map(String) } : { kind: "unknown" };
  } catch {
    return { kind: "unknown" };
  }
}
function accountFindings(ids, settings) {
  const at = "allowedAccountIds";
  if (ids.kind !== "known") return [{ at, saw: `${ids.kind}, expected exactly one account` }];
  if (ids.value.length !== 1) return [{ at, saw: `${ids.value.length} accounts, expected exactly one` }];
  if (settings.accountId !== "" && ids.value[0] !== settings.accountId) {
    return [{ at, saw: `${ids.value[0]}, expected ${settings.accountId} as the pack's settings say` }];
  }
  return [];
}
function regionFindings(at, region, settings, required) {
  if (region.kind === "absent") return required ? [{ at, saw: "absent, expected a region" }] : [];
  if (region.kind === "unknown") return [{ at, saw: "unknown, expected a region" }];
  const wrong = settings.regions.length > 0 && !settings.regions.includes(region.value);
  return wrong ? [{ at, saw: `${region.value}, expected one of ${settings.regions.join(", ")}` }] : [];
}
function resourceFindings({ props, provider }, settings) {
  const regions = regionFindings("region", read(() => props.region), settings, false);
  if (!provider) return [{ at: "provider", saw: "not known, expected the program's explicit provider" }, ...regions];
  const byDefault = provider.name.startsWith("default");
  const own = read(() => props.region);
  const home = read(() => provider.props.region);
  const elsewhere = own.kind === "known" && home.kind === "known" && own.value !== home.value && settings.regions.length === 0;
  return [
    ...byDefault ? [{ at: "provider", saw: `the default provider, expected an explicit one` }] : [],
    ...elsewhere ? [{ at: "region", saw: `${own.value}, expected the provider's region` }] : [],
    ...regions
  ];
}

// policies/rules/index.ts
var RULES = [
  kmsSigningKeyShape,
  kmsKeyProtectAndWindow,
  kmsNoGrants,
  iamPolicyDocKnown,
  providerPinned,
  lambdaHardening
];

// policies/message.ts
var MAX_LENGTH = 256;
function message(rule, resourceName, finding) {
  const steps = finding.path ?? [finding.principal, finding.action, finding.target].filter((step) => step !== void 0);
  const parts = [
    `[${rule.id}] ${safe(resourceName)}`,
    ...steps.length > 0 ? [steps.map(safe).join(" -> ")] : [],
    `at ${safe(finding.at)}`,
    finding.threat ?? rule.threats.join(" "),
    safe(finding.saw),
    `fix: ${rule.fix}`
  ];
  return parts.filter((part) => part !== "").join(" | ");
}
function safe(text) {
  const shown3 = text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 3)}...`;
  return shown3.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// policies/settings.ts
var DEFAULT_SETTINGS = {
  signerTag: "countersign:signer",
  accountId: "",
  keyAdmins: [],
  deployRole: "",
  nonSigningKeys: [],
  regions: [],
  loopbackEndpoints: []
};
var strings = { type: "array", items: { type: "string" } };
var named = {
  type: "array",
  items: {
    type: "object",
    properties: { name: { type: "string", minLength: 1 }, reason: { type: "string", minLength: 1 } },
    required: ["name", "reason"],
    additionalProperties: false
  }
};
var SETTINGS_SCHEMA = {
  signerTag: { type: "string", minLength: 1, default: DEFAULT_SETTINGS.signerTag },
  accountId: { type: "string", pattern: "^([0-9]{12})?$", default: "" },
  keyAdmins: strings,
  deployRole: { type: "string", default: "" },
  nonSigningKeys: named,
  regions: strings,
  loopbackEndpoints: strings
};
function settingsOf(config) {
  return { ...DEFAULT_SETTINGS, ...config };
}

// policies/to-policy.ts
var DOCS = "docs/policies.md";
function toPolicy(rule) {
  const { check, checkStack } = rule;
  return {
    name: rule.id,
    description: rule.description,
    enforcementLevel: "mandatory",
    severity: rule.severity,
    framework: { ...rule.framework },
    tags: [...rule.threats],
    remediationSteps: rule.fix,
    url: `${DOCS}#${rule.id}`,
    configSchema: { properties: Object.fromEntries(rule.reads.map((key) => [key, SETTINGS_SCHEMA[key]])) },
    ...check && {
      validateResource: (args, report) => {
        if (!appliesTo(rule, args.type)) return;
        const view = viewOfResource(args);
        reportAll(rule, report, () => check(view, settingsOf(args.getConfig())), () => view);
      }
    },
    ...checkStack && {
      validateStack: (args, report) => {
        const views = args.resources.map(viewOfStackResource);
        reportAll(rule, report, () => checkStack(views, settingsOf(args.getConfig())), void 0);
      }
    }
  };
}
function appliesTo(rule, type) {
  return rule.types === "any" || rule.types.includes(type);
}
function reportAll(rule, report, judge, subject) {
  let findings;
  try {
    findings = judge();
  } catch (error) {
    const saw = `the rule failed before it decided: ${error instanceof Error ? error.message : "no message"}`;
    findings = [{ at: "rule", saw, ...subject && { resource: subject() } }];
  }
  const lines = findings.map((finding) => {
    const resource = finding.resource ?? subject?.();
    return { text: message(rule, resource?.name ?? "stack", finding), urn: resource?.urn };
  });
  for (const { text, urn } of sortedUnique(lines)) report(text, urn);
}
function sortedUnique(lines) {
  const seen = /* @__PURE__ */ new Set();
  return [...lines].sort((a, b) => a.text < b.text ? -1 : a.text > b.text ? 1 : 0).filter(({ text, urn }) => {
    const key = `${urn}
${text}`;
    return !seen.has(key) && seen.add(key);
  });
}
function viewOfResource(args) {
  return {
    type: args.type,
    name: args.name,
    urn: args.urn,
    props: args.props,
    opts: { protect: args.opts.protect, ignoreChanges: args.opts.ignoreChanges },
    ...args.provider && { provider: args.provider }
  };
}
function viewOfStackResource(resource) {
  const dependencies = Object.fromEntries(
    Object.entries(resource.propertyDependencies).map(([property, from]) => [property, from.map((r) => r.urn)])
  );
  return {
    type: resource.type,
    name: resource.name,
    urn: resource.urn,
    props: resource.props,
    opts: { protect: resource.opts.protect, ignoreChanges: resource.opts.ignoreChanges },
    ...resource.provider && { provider: resource.provider },
    dependencies
  };
}

// policies/index.ts
new import_policy2.PolicyPack("countersign", { enforcementLevel: "mandatory", policies: RULES.map(toPolicy) });
