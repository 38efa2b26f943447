// How a fitted text vectorizer takes documents apart. Source: _VectorizerMixin in sklearn/feature_extraction/text.py.
import { trimaranError } from "../../base/errors.ts";
import type { ModelInput } from "../../data/model-input.ts";
import { translatePattern } from "../../model/python-pattern.ts";
import type { TextAnalyzer } from "../../model/text-analyzer.ts";
import { describeValue, isNode, type PyValue } from "../pickle/tree.ts";
import { englishStopWords } from "./english-stop-words.ts";
import {
  attribute,
  attributeError,
  booleanOf,
  has,
  type Instance,
  itemsOf,
  pathOf,
  scalarOf,
  stringOf,
  wrote,
} from "./instance.ts";

/** One document a row. */
export const textInput: ModelInput = {
  kind: "table",
  named: false,
  columns: [{ name: "text", type: "string", nullable: false }],
};

/** @throws MODEL_UNSUPPORTED for functions, files as input, and patterns that JavaScript cannot follow */
export function textAnalyzer(self: Instance): TextAnalyzer {
  for (const name of ["preprocessor", "tokenizer"]) {
    if (has(self, name)) throw unsupported(self, name, `a ${name} of its own`);
  }
  if (stringOf(self, "input", "content") !== "content")
    throw unsupported(self, "input", "reading documents from files");
  const unit = unitOf(self);
  const [least, most] = itemsOf(self, "ngram_range").map((item) => Number(scalarOf(item)));
  if (least === undefined || most === undefined) throw attributeError(self, "ngram_range", "two numbers were expected");
  return {
    lowercase: booleanOf(self, "lowercase"),
    accents: accentsOf(self),
    unit,
    pattern: unit === "word" ? patternOf(self) : "",
    stopWords: unit === "word" ? stopWordsOf(self) : [],
    least,
    most,
  };
}

function unitOf(self: Instance): TextAnalyzer["unit"] {
  const value = attribute(self, "analyzer");
  if (value === "word" || value === "char" || value === "char_wb") return value;
  throw unsupported(self, "analyzer", "an analyzer of its own");
}

function accentsOf(self: Instance): TextAnalyzer["accents"] {
  const value = attribute(self, "strip_accents");
  if (value === null || value === undefined || value === false) return "keep";
  if (value === "ascii") return value;
  if (value === "unicode") return wrote(self, 0, 22) ? value : "composed";
  throw unsupported(self, "strip_accents", "a function that strips accents");
}

function patternOf(self: Instance): string {
  const pattern = stringOf(self, "token_pattern");
  const translation = translatePattern(pattern);
  if (translation.kind === "pattern") return pattern;
  throw unsupported(self, "token_pattern", `a token pattern in which ${translation.problem}`);
}

function stopWordsOf(self: Instance): readonly string[] {
  const value = attribute(self, "stop_words");
  if (value === null || value === undefined) return [];
  if (value === "english") return englishStopWords;
  const items: readonly PyValue[] | null =
    isNode(value) && (value.kind === "list" || value.kind === "tuple" || value.kind === "set") ? value.items : null;
  if (items === null) throw unsupported(self, "stop_words", `stop words in ${describeValue(value)}`);
  return items.map((item) => {
    const word = scalarOf(item);
    if (typeof word !== "string") throw attributeError(self, "stop_words", "words were expected");
    return word;
  });
}

/** The class that `dtype` names. */
export function countType(self: Instance): "i64" | "f64" | "f32" {
  const dtype = attribute(self, "dtype");
  const name = isNode(dtype) && dtype.kind === "global" ? `${dtype.module}.${dtype.name}` : String(dtype);
  if (name === "numpy.int64" || name === "builtins.int") return "i64";
  if (name === "numpy.float64" || name === "builtins.float") return "f64";
  if (name === "numpy.float32") return "f32";
  throw unsupported(self, "dtype", `the number type ${name}`);
}

function unsupported(self: Instance, name: string, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, name), what, nearest: "" });
}
