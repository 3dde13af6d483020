/**
 * The signers' own table: claims, intents, results, registrations. Only signers write it.
 *
 * A throw means the outcome is UNKNOWN: nothing happened, it happened, or it happens later. Recover by reading, never by assuming.
 */
export interface AttemptStore {
    /** Strong read. */
    get(id: string): Promise<{ readonly revision: number; readonly body: string } | undefined>;
    /**
     * Writes the item if it is at this revision, 0 for absent, and raises the revision by one. Durable once it returns.
     *
     * @returns false if another writer was first; true also if the item already is what this call would have made of it
     */
    put(id: string, body: string, expected: number): Promise<boolean>;
}
