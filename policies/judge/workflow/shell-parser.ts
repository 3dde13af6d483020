import { lex, type Token } from "./shell-lexer";

/** Lists, pipelines, groups and branches of a shell text, as a tree. */

type Word = Token & { readonly kind: "word" };

export interface Simple {
    readonly kind: "simple";
    readonly words: readonly Word[];
    readonly writes: readonly string[];
}
export interface Group {
    readonly kind: "group";
    /** Lists whose failure only decides: of `if` and `while`. */
    readonly conditions: readonly List[];
    readonly bodies: readonly List[];
    /** `{ }` and `( )`: they always run. */
    readonly plain: boolean;
}
export interface Part {
    /** What stands before it. */
    readonly joint: "&&" | "||" | "";
    readonly negated: boolean;
    /** A pipeline of more than one has failures that nobody sees, but the last's. */
    readonly pipeline: readonly (Simple | Group)[];
}
export interface AndOr {
    readonly parts: readonly Part[];
    readonly background: boolean;
}
export type List = readonly AndOr[];

interface Parser {
    readonly tokens: readonly Token[];
    at: number;
    readonly functions: string[];
}

const OPENING = ["if", "while", "until", "for", "case", "select", "{", "function"];
const CLOSING = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

/** Up to one of these reserved words or operators, which is left. */
function parseList(parser: Parser, ends: readonly string[]): List {
    const list: AndOr[] = [];
    for (;;) {
        while (isOperator(parser, "\n", ";")) parser.at++;
        const next = parser.tokens[parser.at];
        if (next === undefined || isEnd(next, ends)) return list;
        if (isEnd(next, [...CLOSING, ")", ";;"])) return list;
        list.push(parseAndOr(parser));
    }
}

function isEnd(token: Token, ends: readonly string[]): boolean {
    return ends.includes(token.text) && (token.kind === "operator" || !token.quoted);
}

function isOperator({ tokens, at }: Parser, ...texts: readonly string[]): boolean {
    const token = tokens[at];
    return token?.kind === "operator" && texts.includes(token.text);
}

function parseAndOr(parser: Parser): AndOr {
    const parts: Part[] = [];
    let joint: Part["joint"] = "";
    for (;;) {
        while (isOperator(parser, "\n")) parser.at++;
        let negated = false;
        while (isWord(parser, "!")) {
            negated = !negated;
            parser.at++;
        }
        const pipeline = [parseNode(parser)];
        while (isOperator(parser, "|", "|&")) {
            parser.at++;
            while (isOperator(parser, "\n")) parser.at++;
            pipeline.push(parseNode(parser));
        }
        parts.push({ joint, negated, pipeline });
        if (!isOperator(parser, "&&", "||")) break;
        joint = parser.tokens[parser.at++]!.text as Part["joint"];
    }
    const background = isOperator(parser, "&");
    if (background) parser.at++;
    return { parts, background };
}

function isWord({ tokens, at }: Parser, ...texts: readonly string[]): boolean {
    const token = tokens[at];
    return token?.kind === "word" && !token.quoted && texts.includes(token.text);
}

function parseNode(parser: Parser): Simple | Group {
    if (isOperator(parser, "(")) {
        parser.at++;
        return group(parser, [], [body(parser, ")")], true);
    }
    if (!isWord(parser, ...OPENING)) return parseSimple(parser);
    const word = parser.tokens[parser.at++]!.text;
    switch (word) {
        case "{":
            return group(parser, [], [body(parser, "}")], true);
        case "if":
            return parseIf(parser);
        case "while":
        case "until": {
            const condition = body(parser, "do");
            return group(parser, [condition], [body(parser, "done")], false);
        }
        case "case":
            return parseCase(parser);
        case "function":
            parser.functions.push(parser.tokens[parser.at++]?.text ?? "");
            while (isOperator(parser, "(", ")", "\n")) parser.at++;
            return group(
                parser,
                [],
                [[{ parts: [{ joint: "", negated: false, pipeline: [parseNode(parser)] }], background: false }]],
                false,
            );
        default: {
            // for NAME in WORDS; do
            while (parser.at < parser.tokens.length && !isWord(parser, "do")) parser.at++;
            parser.at++;
            return group(parser, [], [body(parser, "done")], false);
        }
    }
}

function parseIf(parser: Parser): Group {
    const conditions = [body(parser, "then")];
    const bodies: List[] = [];
    for (;;) {
        bodies.push(parseList(parser, ["elif", "else", "fi"]));
        const word = parser.tokens[parser.at++]?.text;
        if (word === "elif") conditions.push(body(parser, "then"));
        else if (word === "fi") return group(parser, conditions, bodies, false);
        else if (word !== "else") throw new Error("an if that does not end");
    }
}

function parseCase(parser: Parser): Group {
    while (parser.at < parser.tokens.length && !isWord(parser, "in")) parser.at++;
    parser.at++;
    const bodies: List[] = [];
    for (;;) {
        while (isOperator(parser, "\n", ";;", ";")) parser.at++;
        if (isWord(parser, "esac")) {
            parser.at++;
            return group(parser, [], bodies, false);
        }
        // PATTERN | PATTERN )
        while (parser.at < parser.tokens.length && !isOperator(parser, ")")) parser.at++;
        if (parser.at >= parser.tokens.length) throw new Error("a case that does not end");
        parser.at++;
        bodies.push(parseList(parser, [";;", "esac"]));
    }
}

/** A list and the word or operator that ends it. */
function body(parser: Parser, end: string): List {
    const list = parseList(parser, [end]);
    const token = parser.tokens[parser.at];
    if (token === undefined || !isEnd(token, [end])) throw new Error(`no ${end} where one has to be`);
    parser.at++;
    return list;
}

/** With what is redirected of it. */
function group(parser: Parser, conditions: readonly List[], bodies: readonly List[], plain: boolean): Group {
    parseSimple(parser, true);
    return { kind: "group", conditions, bodies, plain };
}

const REDIRECTIONS = [">", ">>", "<", "<<", "<<-", "<<<", ">&", "<&", "&>", "&>>", "<>", ">|"];

function parseSimple(parser: Parser, isAfterGroup = false): Simple | Group {
    const words: Word[] = [];
    const writes: string[] = [];
    for (;;) {
        const token = parser.tokens[parser.at];
        if (token === undefined) break;
        if (token.kind === "operator" && REDIRECTIONS.includes(token.text)) {
            const target = parser.tokens[parser.at + 1];
            if (target?.kind === "word" && token.text.includes(">")) writes.push(target.text);
            // The number of a stream is no word.
            if (/^\d$/.test(words.at(-1)?.text ?? "")) words.pop();
            parser.at += target?.kind === "word" ? 2 : 1;
            continue;
        }
        // NAME() BODY
        if (token.kind === "operator" && token.text === "(" && words.length === 1 && !isAfterGroup) {
            parser.at++;
            if (!isOperator(parser, ")")) throw new Error("a parenthesis in a command");
            parser.at++;
            parser.functions.push(words[0]!.text);
            while (isOperator(parser, "\n")) parser.at++;
            const part: Part = { joint: "", negated: false, pipeline: [parseNode(parser)] };
            return { kind: "group", conditions: [], bodies: [[{ parts: [part], background: false }]], plain: false };
        }
        if (token.kind === "operator" || isAfterGroup) break;
        if (token.text === "[[" && words.length === 0) {
            while (parser.at < parser.tokens.length && !isWord(parser, "]]")) parser.at++;
            words.push(token);
            parser.at++;
            continue;
        }
        words.push(token);
        parser.at++;
    }
    if (words.length === 0 && writes.length === 0 && !isAfterGroup) throw new Error("an operator without its command");
    return { kind: "simple", words, writes };
}

export interface Parsed {
    readonly list: List;
    readonly documents: readonly string[];
    /** Names that it gives to functions of its own. */
    readonly functions: readonly string[];
}

/** @throws Error for a text whose quotes, brackets or keywords do not end */
export function parseShell(text: string): Parsed {
    const { tokens, documents } = lex(text);
    const parser: Parser = { tokens, at: 0, functions: [] };
    const list = parseList(parser, []);
    if (parser.at < tokens.length) throw new Error("a bracket or keyword that closes nothing");
    return { list, documents, functions: parser.functions };
}
