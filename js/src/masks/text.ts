/** The text form of a mask, `local(2) | global_('cls')`: written and read as Python does. */

import { type DataKind, dataMask, fieldsOf, formatData } from "./data";
import { NAMED, type NamedPattern, type Value } from "./named";
import {
  type AnchorKind,
  anchored,
  combine,
  dilated,
  local,
  MAX_NESTING,
  MAX_TEXT,
  type ManyKind,
  MaskError,
  type MaskSpec,
  negate,
  sink,
  type TokenRef,
} from "./spec";
import { formatStatic } from "./static";

/** A text form that was refused; `at` is the 0-based character where reading stopped. */
export class MaskParseError extends MaskError {
  override name = "MaskParseError";

  constructor(
    reason: string,
    text: string,
    readonly at: number,
  ) {
    const start = Math.max(at - 40, 0);
    const excerpt = text.slice(start, at + 40).replace(/[\n\t]/g, " ");
    super(`${reason}, at character ${at}:\n  ${excerpt}\n  ${" ".repeat(at - start)}^`);
  }
}

/** Write a mask as one would type it. */
export function format(mask: MaskSpec): string {
  switch (mask.kind) {
    case "full":
    case "causal":
      return `${mask.kind}()`;
    case "local":
      return mask.left === mask.right
        ? `local(${mask.left})`
        : `local(left=${mask.left}, right=${mask.right})`;
    case "dilated":
      return `dilated(${mask.window}, ${mask.dilation})`;
    case "sink":
      return `sink(${mask.k})`;
    case "global":
      return `global_(${mask.tokens.map(quoted).join(", ")})`;
    case "global_rows":
    case "global_cols":
      return `${mask.kind}(${mask.tokens.map(quoted).join(", ")})`;
    case "or":
      return mask.of.map((part) => wrapped(part, 1)).join(" | ");
    case "and":
      return mask.of.map((part) => wrapped(part, 2)).join(" & ");
    case "not":
      return `~${wrapped(mask.of, 3)}`;
    case "lsh":
    case "routing":
    case "top_k":
    case "threshold":
    case "cumulative_mass":
    case "entmax_support":
    case "learned":
      return formatData(mask);
    default:
      return formatStatic(mask);
  }
}

/** Read a mask from its text form; never evaluates it. */
export function parse(text: string): MaskSpec {
  if (text.length > MAX_TEXT) {
    const reason = `the text has ${text.length} characters, at most ${MAX_TEXT} are read`;
    throw new MaskParseError(reason, text, MAX_TEXT);
  }
  return new Parser(text).all();
}

function quoted(ref: TokenRef): string {
  return typeof ref === "string" ? `'${ref}'` : String(ref);
}

function wrapped(mask: MaskSpec, binding: number): string {
  const own = { or: 1, and: 2, not: 3 }[mask.kind as string] ?? 4;
  return own < binding ? `(${format(mask)})` : format(mask);
}

type Arguments = { positional: Value[]; named: Map<string, Value> };
type Pattern = {
  readonly names: readonly string[];
  readonly positional: number;
  readonly build: (given: Arguments) => MaskSpec;
};

const PATTERNS: ReadonlyMap<string, Pattern> = new Map([
  ["full", fixed([], () => ({ kind: "full" }))],
  ["causal", fixed([], () => ({ kind: "causal" }))],
  ["local", { names: ["w", "left", "right"], positional: 1, build: window }],
  ["dilated", fixed(["w", "d"], dilated)],
  ["global_", tokens("global")],
  ["global_rows", tokens("global_rows")],
  ["global_cols", tokens("global_cols")],
  ["sink", fixed(["k"], sink)],
  ...[...NAMED].map(([name, pattern]): [string, Pattern] => [name, called(pattern)]),
  ["lsh", decided("lsh", 3)],
  ["routing", decided("routing", 3)],
  ["top_k", decided("top_k", 1)],
  ["threshold", decided("threshold", 1)],
  ["cumulative_mass", decided("cumulative_mass", 1)],
  ["entmax_support", decided("entmax_support", 1)],
  ["learned", decided("learned", 3)],
]);

function called({ names, positional: most, build }: NamedPattern): Pattern {
  return {
    names,
    positional: most,
    build: ({ positional, named }) =>
      build(
        ...(most === Infinity
          ? positional
          : names.map((name, at) => positional[at] ?? named.get(name))),
      ),
  };
}

function fixed(names: readonly string[], build: (...values: [Value, Value]) => MaskSpec): Pattern {
  return {
    names,
    positional: names.length,
    build: ({ positional, named }) => {
      const values = names.map((name, index) => positional[index] ?? named.get(name));
      const missing = names.filter((_, index) => values[index] === undefined);
      if (missing.length > 0) throw new MaskError(`missing ${missing.join(", ")}`);
      return build(...(values as [Value, Value]));
    },
  };
}

/** A pattern of the data-dependent kinds: what is left out of the text is as usual. */
function decided(kind: DataKind, positional: number): Pattern {
  const usual = fieldsOf(kind);
  const names = [...usual.keys()];
  const build = ({ positional: values, named }: Arguments) => {
    const given = new Map(
      names.map((name, index) => [name, values[index] ?? named.get(name) ?? usual.get(name)]),
    );
    const missing = names.filter((name) => given.get(name) === undefined);
    if (missing.length > 0) throw new MaskError(`missing ${missing.join(", ")}`);
    return dataMask(kind, given);
  };
  return { names, positional, build };
}

function tokens(kind: AnchorKind): Pattern {
  const build = ({ positional }: Arguments) => anchored(kind, positional);
  return { names: [], positional: Number.POSITIVE_INFINITY, build };
}

function window({ positional, named }: Arguments): MaskSpec {
  const w = positional[0] ?? named.get("w");
  const left = named.get("left");
  const right = named.get("right");
  if (w !== undefined && left === undefined && right === undefined) return local(w, w);
  if (w === undefined && left !== undefined && right !== undefined) return local(left, right);
  throw new MaskError("give a window as local(w), or as local(left=..., right=...)");
}

type PieceKind = "name" | "real" | "int" | "text" | "sign" | "end";

const PIECE =
  /[ \t\r\n]*(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<real>[0-9]{1,16}\.[0-9]{1,40})(?![A-Za-z0-9_.])|(?<int>[0-9]{1,16})(?![A-Za-z0-9_.])|(?<text>'[^'\n]*'|"[^"\n]*")|(?<sign>[()|&~=,-])|(?<end>$))/y;

class Parser {
  private kind: PieceKind = "end";
  private piece = "";
  private at = 0;
  private next = 0;
  private nesting = 0;

  constructor(private readonly text: string) {
    this.advance();
  }

  all(): MaskSpec {
    const mask = this.either();
    if (this.kind !== "end") this.refuse("expected | & - or the end");
    return mask;
  }

  private refuse(reason: string, at = this.at): never {
    throw new MaskParseError(reason, this.text, at);
  }

  private advance(): string {
    const left = this.piece;
    PIECE.lastIndex = this.next;
    const match = PIECE.exec(this.text);
    if (match === null) {
      const rest = this.text.slice(this.next);
      this.at = this.next + rest.length - rest.replace(/^[ \t\r\n]+/, "").length;
      this.refuse("this does not belong in a mask");
    }
    const [kind, piece] = Object.entries(match.groups!).find(([, found]) => found !== undefined)!;
    this.kind = kind as PieceKind;
    this.piece = piece;
    this.next = PIECE.lastIndex;
    this.at = this.next - piece.length;
    return left;
  }

  private sign(wanted: string): boolean {
    if (this.kind !== "sign" || this.piece !== wanted) return false;
    this.advance();
    return true;
  }

  private either(): MaskSpec {
    return this.joined("|", () => this.both(), "or");
  }

  private both(): MaskSpec {
    return this.joined("&", () => this.without(), "and");
  }

  private joined(sign: string, operand: () => MaskSpec, kind: ManyKind): MaskSpec {
    const at = this.at;
    const masks = [operand()];
    while (this.sign(sign)) masks.push(operand());
    return this.built(() => combine(kind, masks), at);
  }

  private without(): MaskSpec {
    const at = this.at;
    const masks = [this.unary()];
    while (this.sign("-")) masks.push(this.built(() => negate(this.unary()), this.at));
    return this.built(() => combine("and", masks), at);
  }

  private unary(): MaskSpec {
    const at = this.at;
    if (this.sign("~")) return this.nested(() => this.built(() => negate(this.unary()), at), at);
    if (this.sign("(")) {
      const mask = this.nested(() => this.either(), at);
      if (!this.sign(")")) this.refuse("expected )");
      return mask;
    }
    return this.call();
  }

  private nested(inside: () => MaskSpec, at: number): MaskSpec {
    this.nesting += 1;
    if (this.nesting > MAX_NESTING) this.refuse(`more than ${MAX_NESTING} ( and ~ are open`, at);
    const mask = inside();
    this.nesting -= 1;
    return mask;
  }

  private call(): MaskSpec {
    const at = this.at;
    if (this.kind !== "name") this.refuse("expected a pattern such as local(2)");
    const pattern = PATTERNS.get(this.piece);
    if (pattern === undefined) {
      const known = [...PATTERNS.keys()].join(", ");
      this.refuse(`no pattern is called ${this.piece.slice(0, 40)}; there are ${known}`);
    }
    const name = this.advance();
    if (!this.sign("(")) this.refuse("expected (");
    const given = this.arguments();
    if (given.positional.length > pattern.positional) {
      this.refuse(`${name}: too many positional arguments`, at);
    }
    for (const key of given.named.keys()) {
      if (!pattern.names.includes(key)) this.refuse(`${name}: has no argument ${key}`, at);
      if (pattern.names.indexOf(key) < given.positional.length) {
        this.refuse(`${name}: ${key} is given twice`, at);
      }
    }
    return this.built(() => pattern.build(given), at);
  }

  private built(build: () => MaskSpec, at: number): MaskSpec {
    try {
      return build();
    } catch (error) {
      if (error instanceof MaskError && !(error instanceof MaskParseError)) {
        this.refuse(error.message, at);
      }
      throw error;
    }
  }

  private arguments(): Arguments {
    const given: Arguments = { positional: [], named: new Map() };
    while (!this.sign(")")) {
      const some = given.positional.length + given.named.size > 0;
      if (some && !this.sign(",")) this.refuse("expected , or )");
      if (this.kind === "name") {
        const at = this.at;
        const name = this.advance();
        if (!this.sign("=")) this.refuse("expected = after the name of an argument; quote a token");
        if (given.named.has(name)) this.refuse(`${name} is given twice`, at);
        given.named.set(name, this.flag() ?? this.value());
      } else if (given.named.size > 0) {
        this.refuse("expected name=value after a named argument");
      } else {
        given.positional.push(this.value());
      }
    }
    return given;
  }

  private flag(): boolean | null {
    const flag = this.kind === "name" && ["True", "False"].includes(this.piece);
    return flag ? this.advance() === "True" : null;
  }

  private value(): Value {
    if (this.kind === "text") return this.advance().slice(1, -1);
    const sign = this.sign("-") ? -1 : 1;
    if (this.kind !== "int" && this.kind !== "real") {
      this.refuse("expected a number or a quoted token such as 'cls'");
    }
    return sign * Number(this.advance());
  }
}
