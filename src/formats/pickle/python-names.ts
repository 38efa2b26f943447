// The part of the allow-list that belongs to Python itself: plain values and containers, and how pickle writes them.
// Never here: getattr, eval, exec, compile, __import__, map, filter, open, input, type, and whatever else reaches code.
import { type AllowedGlobal, allow } from "./allow-list.ts";

export const pythonNames: readonly AllowedGlobal[] = [
  ...allow("builtins", "construct", "object", "bytes", "bytearray", "complex", "range", "slice"),
  ...allow("builtins", "construct", "list", "tuple", "dict", "set", "frozenset"),
  ...allow("builtins", "value", "int", "float", "str", "bool", "Ellipsis", "NotImplemented"),
  ...allow("copyreg", "construct", "_reconstructor", "__newobj__"),
  ...allow("_codecs", "construct", "encode"),
  ...allow("collections", "construct", "OrderedDict", "defaultdict", "Counter", "deque"),
  ...allow("functools", "construct", "partial"),
  ...allow("datetime", "construct", "date", "time", "datetime", "timedelta", "timezone"),
  ...allow("decimal", "construct", "Decimal"),
];
