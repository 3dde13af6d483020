import type { Unwrap } from "@pulumi/pulumi";
import type { Aws } from "./aws";
import type { Properties } from "./wire";

/** Declares what the provider does with one resource type. Everything else is refused by name. */

/** One argument: what its change does, and what it may hold. */
export interface Argument {
    readonly on: "update" | "replace";
    readonly required?: boolean;
    /** Filled in by Check, as the real provider does, and so seen by the policy pack. */
    readonly default?: unknown;
    /** A policy document: an object becomes JSON text, and texts of the same document are equal. */
    readonly document?: boolean;
    /** A list whose order means nothing. */
    readonly unordered?: boolean;
    /** Members that an object, or each object of a list, may have. Absent: any value. */
    readonly members?: Members;
}

export type Members = { readonly [name: string]: true | Members };

/** Names a resource whose program gave none: logical name, `-`, seven hex digits. */
export interface Autoname {
    readonly argument: string;
    readonly maxLength: number;
    readonly lowerCase?: boolean;
}

export interface Created {
    id: string;
    /** Outputs that only the answer to the creation gives. */
    outputs?: Properties;
}

export interface Change<A = Properties> {
    /** The arguments as they were. */
    readonly old: A;
    /** True if any of the arguments differs. */
    readonly of: (...names: (keyof A & string)[]) => boolean;
}

export interface TypedResource<A> {
    /** As in @pulumi/aws, for example `aws:kms/key:Key`. */
    readonly token: string;
    readonly arguments: { readonly [Name in keyof A]?: Argument };
    /** Computed by AWS: unknown in a preview of the creation. */
    readonly outputs: readonly string[];
    /** Outputs that an update of the arguments named may change: unknown in its preview. */
    readonly volatile?: { readonly [output: string]: readonly (keyof A & string)[] };
    readonly autoname?: Autoname;
    /**
     * Arguments that together name the thing. If a replacement keeps them, the old one is deleted first: there cannot be two.
     */
    readonly identity?: readonly (keyof A & string)[];
    /** IAM and CloudFront have no region. @default true */
    readonly regional?: boolean;

    /** Makes the thing, and returns as soon as it exists. */
    create(aws: Aws, args: A): Promise<Created>;
    /** What creation needs several calls for. If it throws, the thing is kept in the state, to be finished by an update. */
    complete?(aws: Aws, id: string, args: A): Promise<void>;
    /**
     * What AWS says now: outputs, and the arguments it tells. Undefined if the thing is gone.
     *
     * @param known state or arguments, empty at an import
     */
    read(aws: Aws, id: string, known: Partial<A> & Properties): Promise<Properties | undefined>;
    update(aws: Aws, id: string, args: A, change: Change<A>): Promise<void>;
    /** A thing that is gone already is no error: what AWS then throws is taken for success. */
    delete(aws: Aws, id: string, state: A): Promise<void>;
}

/** One of the table: the rest of the provider knows no argument by name. */
export interface ResourceType extends Omit<TypedResource<Properties>, "arguments"> {
    readonly arguments: { readonly [name: string]: Argument };
}

/** Arguments as @pulumi/aws declares them, once everything is known; `tagsAll` and `region` come from Check. */
export type ArgsOf<A> = Unwrap<A> & { tagsAll?: Record<string, string>; region?: string };

/**
 * Declares a type of @pulumi/aws: the compiler holds the argument names to those of the SDK's class.
 *
 * @typeParam A for example `KeyArgs` of "@pulumi/aws/kms"
 */
export function resource<A>(type: TypedResource<ArgsOf<A>>): ResourceType {
    return type as unknown as ResourceType;
}

type Options = Omit<Argument, "on">;

export function update(options: Options = {}): Argument {
    return { on: "update", ...options };
}

export function replace(options: Options = {}): Argument {
    return { on: "replace", ...options };
}

/** `tags`, and `tagsAll`, which Check makes of them and of the provider's default tags. */
export const TAGS = { tags: update(), tagsAll: update() } as const;

export function members(...names: string[]): Members {
    return Object.fromEntries(names.map((name) => [name, true as const]));
}
