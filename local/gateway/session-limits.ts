import type { ApiRequest } from "./api-request";
import type { Call } from "./operation";
import type { Principals } from "./principals";
import { type Refusal, refusal } from "./refusal";

const CHAINED_SECONDS = 3600;

/**
 * How long a role session may last, and how it may be called: MiniStack takes anything.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function checkSession(call: Call, request: ApiRequest, principals: Principals): Refusal | undefined {
    if (call.service !== "sts" || call.operation !== "AssumeRole") return undefined;
    const form = request.method === "POST" ? new URLSearchParams(request.body.toString("utf8")) : request.query;
    const name = form.get("RoleSessionName") ?? "";
    if (!/^[\w+=,.@-]{2,64}$/.test(name))
        return invalid(name, "roleSessionName", "must satisfy regular expression pattern: [\\w+=,.@-]{2,64}");
    const text = form.get("DurationSeconds");
    if (text === null) return undefined;
    const seconds = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (!(seconds >= 900)) return invalid(text, "durationSeconds", "must have value greater than or equal to 900");
    if (seconds > 43_200) return invalid(text, "durationSeconds", "must have value less than or equal to 43200");
    if (call.accessKeyId?.startsWith("ASIA") && seconds > CHAINED_SECONDS) {
        return refusal(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            400,
        );
    }
    const max = principals.maxSessionSeconds(form.get("RoleArn") ?? "");
    return max !== undefined && seconds > max
        ? refusal(
              "ValidationError",
              "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
              400,
          )
        : undefined;
}

function invalid(value: string, member: string, rule: string): Refusal {
    const message = `1 validation error detected: Value '${value.slice(0, 80)}' at '${member}' failed to satisfy constraint: Member ${rule}`;
    return refusal("ValidationError", message, 400);
}
