import * as ts from "typescript";

/** One member of an interface, with what its doc comment says. */
export interface Documented {
    readonly name: string;
    readonly type: string;
    readonly text: string;
}

/**
 * Members of the interfaces of a source file, by interface: the comments of settings.ts are the only description of settings.
 *
 * @throws nothing: an interface without members is an empty list
 */
export function interfacesOf(source: string): ReadonlyMap<string, readonly Documented[]> {
    const file = ts.createSourceFile("settings.ts", source, ts.ScriptTarget.Latest, true);
    const found = new Map<string, readonly Documented[]>();
    for (const statement of file.statements) {
        if (!ts.isInterfaceDeclaration(statement)) continue;
        found.set(statement.name.text, statement.members.filter(ts.isPropertySignature).map(documented));
    }
    return found;
}

function documented(member: ts.PropertySignature): Documented {
    const [comment] = ts.getJSDocCommentsAndTags(member);
    const text = comment && ts.isJSDoc(comment) ? (ts.getTextOfJSDocComment(comment.comment) ?? "") : "";
    return {
        name: member.name.getText(),
        type: (member.type?.getText() ?? "").replace(/\breadonly /g, "").replace(/\s+/g, " "),
        text: text.replace(/\s+/g, " "),
    };
}
