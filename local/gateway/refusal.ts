/** What the front door itself refuses, in AWS's words; `answer.ts` gives it the spelling of the protocol. */
export interface Refusal {
    readonly code: string;
    readonly message: string;
    readonly status?: number;
}

export function refusal(code: string, message: string, status?: number): Refusal {
    return { code, message, status };
}

export function isRefusal(value: unknown): value is Refusal {
    return typeof value === "object" && value !== null && "code" in value && "message" in value;
}
