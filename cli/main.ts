#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { digest } from "./digest";
import { USAGE } from "./exit";
import { processIo } from "./io";
import { logList } from "./log-list";
import { logShow } from "./log-show";
import { sign } from "./sign";
import { verify } from "./verify";

const EXIT_STATUS = `
Exit status: 0 verified, 1 not verified (the output names the check), 2 wrong usage, 3 could not tell.`;

const TRUST = `
The log and its server are not trusted, only keys that you pin: the log's verifier key (--vkey) and the signing keys
(--key). Take both from a place that the log's operator cannot change for you alone. --stack-outputs FILE reads all of
them, and the addresses, out of what "pulumi stack output --json" prints; an option overrules it.
Environment: COUNTERSIGN_STACK_OUTPUTS, COUNTERSIGN_LOG_URL, COUNTERSIGN_VKEY.`;

const SIGN_HELP = `
Uploads each file to the stack, waits for its signature, verifies it by the log and only then writes it beside the file:
NAME.signed.ko for a kernel module, NAME.sig (the bare signature) for anything else. Nothing is overwritten. What came
back but does not verify is kept as NAME.unverified. Credentials, region and AWS_ENDPOINT_URL as for any AWS tool.

  countersign sign --stack-outputs stack.json --tenant build driver.ko release.tar.gz
${TRUST}
${EXIT_STATUS}`;

const VERIFY_HELP = `
Checks, in this order: checkpoint (signed by the log's key), entry, tiles and inclusion (the entry is in the tree under the
signed root), leaf (well-formed record), key (one that you pinned), signature (verifies over what is recorded), content (the
file is what was signed, and carries the recorded signature).

  countersign verify driver.signed.ko --key 3b1f... --log-url https://log.example --vkey log.example+...
  countersign verify release.tar.gz --signature release.tar.gz.sig --stack-outputs stack.json
  countersign verify driver.signed.ko --proof driver.tlog-proof --public-key key.pem --vkey ...   (no network)

No proof shows how fresh the log is, later corrections, or uses of the key without a record: "countersign log list" does.
${TRUST}
${EXIT_STATUS}`;

const collect = (value: string, all: readonly string[] = []): string[] => [...all, value];

function program(done: (status: Promise<number>) => void): Command {
    const io = processIo();
    const root = new Command("countersign")
        .description("Sign files by a key that nobody holds, and prove each signature by the public log of its uses.")
        .showHelpAfterError("(countersign COMMAND --help says what is expected)")
        .addHelpText("after", EXIT_STATUS);

    const withLog = (command: Command): Command =>
        command
            .option("--stack-outputs <file>", 'output of "pulumi stack output --json"')
            .option("--log-url <url>", "where the log is read")
            .option("--vkey <vkey>", "verifier key of the log: NAME+KEYID+BASE64")
            .option("--json", "print one JSON object on standard output");
    const withKeys = (command: Command): Command =>
        withLog(command)
            .option("--key <fingerprint>", "SHA-256 of an accepted key's SPKI, hex; may be repeated", collect)
            .option(
                "--public-key <file>",
                "an accepted key: SPKI in DER or PEM, or a certificate; may be repeated",
                collect,
            );

    withKeys(root.command("sign").description("have files signed by the stack").argument("<file...>", "files to sign"))
        .option("--tenant <name>", "whose upload prefix to use (COUNTERSIGN_TENANT)")
        .option("--format <name>", "kmod or raw; default: kmod for .ko, else raw")
        .option("--output-dir <folder>", "where results go; default: beside each file")
        .option("--uploads-bucket <name>", "bucket that files are uploaded to")
        .option("--results-bucket <name>", "bucket that results come from")
        .option("--timeout <seconds>", "how long to wait for each file", "120")
        .addHelpText("after", SIGN_HELP)
        .action((files: string[], options: object) => done(sign(io, { ...options, files })));

    withKeys(
        root
            .command("verify")
            .description("check a signed file by the log")
            .argument("<file>", "signed module, or signed file"),
    )
        .option("--signature <file>", "the signature, where it is not in the file")
        .option("--index <number>", "entry of the log; default: found by the file")
        .option("--proof <file>", "a .tlog-proof, in place of the log")
        .addHelpText("after", VERIFY_HELP)
        .action((file: string, options: object) => done(verify(io, { ...options, file })));

    root.command("digest")
        .description("what a key signs, or signed, of a file: its hash without the signature in it")
        .argument("<file>")
        .option("--json", "print one JSON object on standard output")
        .action((file: string, options: object) => done(digest(io, { ...options, file })));

    const log = root
        .command("log")
        .description("read the log")
        .showHelpAfterError("(countersign log --help lists its commands)");
    withLog(log.command("show").description("print an entry, proved").argument("<index>", "decimal"))
        .option("--proof <file>", "also write the entry's .tlog-proof, for verify without a network")
        .addHelpText("after", `${TRUST}\n${EXIT_STATUS}`)
        .action((index: string, options: object) => done(logShow(io, { ...options, index })));
    withLog(log.command("list").description("list entries, each proved; the newest without --from"))
        .option("--from <index>", "first entry")
        .option("--limit <count>", "how many", "20")
        .option("--type <name>", "signature, key_event, unattributed_use, reconciliation or correction")
        .addHelpText("after", `${TRUST}\n${EXIT_STATUS}`)
        .action((options: object) => done(logList(io, options)));
    return root;
}

/** Thrown and caught here alone: commander would exit with 1, which means "not verified". */
function exitWith2(command: Command): void {
    command.exitOverride();
    for (const child of command.commands) exitWith2(child);
}

async function main(argv: readonly string[]): Promise<number> {
    let status: Promise<number> | undefined;
    const root = program((running) => void (status = running));
    exitWith2(root);
    try {
        root.parse([...argv]);
    } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
        throw error;
    }
    return status ?? USAGE;
}

void main(process.argv).then((status) => void (process.exitCode = status));
