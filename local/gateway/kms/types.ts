/**
 * The contract between the gateway, which speaks HTTP and knows who calls, and the KMS core, which knows keys.
 *
 * The core is pure in-process code: no network, no file. Who may do what is decided by `authorize`, never here.
 */

/** Who signed the request, as the evaluator saw it. */
export interface Caller {
    /** As `userIdentity.type` of CloudTrail: `AssumedRole`, `IAMUser`, `Root`, `AWSAccount`, ... */
    readonly type: string;
    /** Session ARN for a role session. */
    readonly arn: string;
    readonly accountId: string;
    /** `AROA...:SESSION` for a role session, `AIDA...` for a user, the account id for the root user. */
    readonly principalId: string;
    /** The role's ARN with path for a session, else the same as `arn`. */
    readonly principalArn: string;
    readonly accessKeyId?: string;
    readonly sessionContext?: unknown;
    readonly sourceFunctionArn?: string;
}

export interface AuthorizeAsk {
    /** IAM action, `kms:Sign`. */
    readonly action: string;
    /** Key ARN, alias ARN, or `*` for actions without a resource. */
    readonly resource: string;
    /** Absent where only identity policies count: aliases, CreateKey, lists. */
    readonly keyPolicy?: string;
    /** `kms:*`, `aws:ResourceTag/*`, `aws:RequestTag/*`, `aws:TagKeys`; the gateway adds the global keys. */
    readonly context: Readonly<Record<string, string | string[]>>;
}

export interface AuthorizeAnswer {
    readonly allowed: boolean;
    readonly decision: "allow" | "explicitDeny" | "implicitDeny";
    readonly caller: Caller;
    readonly statement?: { readonly sid?: string; readonly effect?: string; readonly policy?: string };
    /** Text of the AccessDeniedException; empty means that the core writes AWS's own. */
    readonly message?: string;
    /** Not even authenticated: answered as it stands, for instance UnrecognizedClientException. */
    readonly error?: { readonly code: string; readonly message: string };
}

export type Authorize = (ask: AuthorizeAsk) => Promise<AuthorizeAnswer>;

export interface KmsRequest {
    /** Without the target prefix: `Sign`. */
    readonly operation: string;
    /** Parsed JSON body. */
    readonly input: unknown;
    readonly region: string;
    /** Account of whoever signed the request: key ids and aliases without an account are looked up there. */
    readonly accountId: string;
    readonly authorize: Authorize;
    /** What the answer and the CloudTrail record carry; GetKeyLastUsage repeats them. Made up here if absent. */
    readonly requestId?: string;
    readonly eventId?: string;
}

export interface TrailResource {
    readonly accountId: string;
    readonly type: string;
    readonly ARN: string;
}

/** The members of a CloudTrail record that only KMS can fill in. Never a digest, a signature, a plaintext. */
export interface TrailPart {
    readonly requestParameters: unknown;
    readonly responseElements: unknown;
    readonly readOnly: boolean;
    readonly resources: TrailResource[];
    /** CloudTrail says `AccessDenied` where the answer says `AccessDeniedException`. */
    readonly errorCode?: string;
}

export interface KmsResponse {
    readonly status: number;
    /** JSON 1.1 body; on failure `{ __type, message }`. */
    readonly body: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    readonly error?: { readonly code: string; readonly message: string };
    readonly trail: TrailPart;
}

export interface KmsDeps {
    readonly now?: () => Date;
    readonly partition?: string;
    /** Key pairs generated ahead, by spec: `{ RSA_4096: 3 }`. They live and die with this core. */
    readonly pool?: Readonly<Record<string, number>>;
    /**
     * Unique id (`AROA...`, `AIDA...`) of an IAM principal, undefined if there is none of this ARN.
     *
     * With it a policy that names a missing role is refused, and a policy binds to the id and not to the name: a role that was
     * deleted and made again is not the role that the policy meant. Without it neither is checked.
     */
    readonly principalId?: (arn: string) => Promise<string | undefined>;
    /** What is wrong with a policy document, as AWS would refuse it; undefined if nothing. */
    readonly policyFault?: (document: string) => string | undefined;
}

export interface Kms {
    /** Never throws for what a caller sent: every refusal is a response, with its part of the trail. */
    handle(request: KmsRequest): Promise<KmsResponse>;
}
