// Executes a pickle into an inert tree. There is one loop over the opcodes and nothing recurses; no name is looked up and nothing is
// called. What no model needs is noted and replaced by an object without a name, so that the rest is audited as well.
import { trimaranError } from "../../base/errors.ts";
import { ArgumentReader } from "./arguments.ts";
import { assertMeasure } from "./measure.ts";
import { opcodeProtocols } from "./opcodes.ts";
import { type MachineSetup, Operations } from "./operations.ts";
import type { PyValue } from "./tree.ts";

const newestProtocol = 5;

// pickle   := opcode* STOP            (the value is the top of the stack; PROTO, when there, comes first)
// opcode   := byte argument           (argument kinds as in opcodes.ts; all integers little-endian, only f64be is not)
// u8 u16 u32 i32 u64 f64be            fixed size; i32 is signed (BININT, EXT4)
// line     := byte* 0a                text, without the line feed; two-lines is module, then name
// bytes-u8 | bytes-u32 | bytes-i32 | bytes-u64 := length byte{length}          (a negative i32 length is an error)
// FRAME u64 only hints how far a reader may read ahead: it is skipped and never believed.
//
// Effect on the stack (… below, M a mark, right is top):
//   MARK … → … M          POP  … x → …  or  … M → …      POP_MARK … M x* → …       DUP … x → … x x
//   PUT BINPUT LONG_BINPUT MEMOIZE: memo[i] = x, stack as it was                    GET …: → memo[i]
//   APPEND l x → l   APPENDS l M x* → l   SETITEM d k v → d   SETITEMS d M (k v)* → d   ADDITEMS s M x* → s
//   TUPLE LIST FROZENSET M x* → value     DICT M (k v)* → d     TUPLE1 x → t   TUPLE2 x y → t   TUPLE3 x y z → t
//   GLOBAL → g   STACK_GLOBAL module name → g   EXT1 EXT2 EXT4 → (an object that copyreg knows by number)
//   REDUCE g args → o   NEWOBJ g args → o   NEWOBJ_EX g args kwargs → o   INST M x* → o   OBJ M g x* → o
//   BUILD o state → o   BINPERSID id → o   PERSID → o
export class PickleMachine {
  /** What PROTO says, or the protocol of the newest opcode. */
  protocol = 0;
  /** Whether STOP was reached. */
  stopped = false;
  readonly #setup: MachineSetup;

  constructor(setup: MachineSetup) {
    this.#setup = setup;
  }

  /** Reads from the cursor to STOP; throws a typed error on the first thing that is not sound. */
  run(): PyValue {
    const { cursor, budget } = this.#setup;
    const argument = new ArgumentReader(cursor, budget);
    const operations = new Operations(this.#setup, argument);
    const stack = operations.stack;
    const { maxOpcodes, maxStack } = budget.limits;
    let stated = false;
    let newest = 0;
    for (;;) {
      argument.offset = cursor.offset;
      const opcode = cursor.u8("an opcode");
      argument.opcode = opcode;
      if (++budget.opcodes > maxOpcodes) throw budget.crossed("maxOpcodes", "it has more opcodes");
      if (stack.size > maxStack) throw budget.crossed("maxStack", "its stack holds more values");
      const level = opcodeProtocols[opcode] as number;
      if (level > newest) {
        newest = level;
        if (!stated) this.protocol = level;
      }
      switch (opcode) {
        case 0x28: // MARK
          stack.mark();
          break;
        case 0x2e: // STOP
          return this.#stop(operations.pop());
        case 0x30: // POP
          if (stack.reachable > 0) stack.pop();
          else if (stack.popMark() === undefined) throw operations.unsound("POP finds nothing on the stack");
          break;
        case 0x31: // POP_MARK
          stack.values.length = operations.popMark();
          break;
        case 0x32: // DUP
          stack.push(operations.top());
          break;

        case 0x4e: // NONE
          stack.push(null);
          break;
        case 0x88: // NEWTRUE
          stack.push(true);
          break;
        case 0x89: // NEWFALSE
          stack.push(false);
          break;
        case 0x49: // INT
          stack.push(argument.textInteger());
          break;
        case 0x4c: // LONG
          stack.push(argument.textLong());
          break;
        case 0x4a: // BININT
          stack.push(argument.i32());
          break;
        case 0x4b: // BININT1
          stack.push(argument.u8());
          break;
        case 0x4d: // BININT2
          stack.push(argument.u16());
          break;
        case 0x8a: // LONG1
          stack.push(argument.integer(argument.u8()));
          break;
        case 0x8b: // LONG4
          stack.push(argument.integer(argument.length32()));
          break;
        case 0x46: // FLOAT
          stack.push(argument.textFloat());
          break;
        case 0x47: // BINFLOAT
          stack.push(argument.binaryFloat());
          break;

        case 0x53: // STRING
          stack.push(argument.quoted());
          break;
        case 0x54: // BINSTRING
          stack.push(argument.latin1(argument.length32()));
          break;
        case 0x55: // SHORT_BINSTRING
          stack.push(argument.latin1(argument.u8()));
          break;
        case 0x56: // UNICODE
          stack.push(argument.unicode());
          break;
        case 0x58: // BINUNICODE
          stack.push(argument.utf8(argument.u32()));
          break;
        case 0x8c: // SHORT_BINUNICODE
          stack.push(argument.utf8(argument.u8()));
          break;
        case 0x8d: // BINUNICODE8
          stack.push(argument.utf8(argument.u64()));
          break;
        case 0x42: // BINBYTES
          stack.push(argument.bytes(argument.u32(), false));
          break;
        case 0x43: // SHORT_BINBYTES
          stack.push(argument.bytes(argument.u8(), false));
          break;
        case 0x8e: // BINBYTES8
          stack.push(argument.bytes(argument.u64(), false));
          break;
        case 0x96: // BYTEARRAY8
          stack.push(argument.bytes(argument.u64(), true));
          break;

        case 0x29: // EMPTY_TUPLE
          operations.pushTuple([]);
          break;
        case 0x74: // TUPLE
          operations.pushTuple(operations.takeMarked());
          break;
        case 0x85: // TUPLE1
          operations.pushTuple([operations.pop()]);
          break;
        case 0x86: // TUPLE2
          operations.pushTuple(stack.takeFrom(operations.operands(2)));
          break;
        case 0x87: // TUPLE3
          operations.pushTuple(stack.takeFrom(operations.operands(3)));
          break;
        case 0x5d: // EMPTY_LIST
          operations.pushList([]);
          break;
        case 0x6c: // LIST
          operations.pushList(operations.takeMarked());
          break;
        case 0x61: // APPEND
          operations.append(operations.operands(1));
          break;
        case 0x65: // APPENDS
          operations.append(operations.popMark());
          break;
        case 0x7d: // EMPTY_DICT
          operations.pushEmptyDict();
          break;
        case 0x64: // DICT
          operations.pushDict(operations.popMark());
          break;
        case 0x73: // SETITEM
          operations.setItems(operations.operands(2));
          break;
        case 0x75: // SETITEMS
          operations.setItems(operations.popMark());
          break;
        case 0x8f: // EMPTY_SET
          operations.pushSet([], false);
          break;
        case 0x90: // ADDITEMS
          operations.addItems(operations.popMark());
          break;
        case 0x91: // FROZENSET
          operations.pushSet(operations.takeMarked(), true);
          break;

        case 0x67: // GET
          stack.push(operations.recall(argument.textIndex()));
          break;
        case 0x68: // BINGET
          stack.push(operations.recall(argument.u8()));
          break;
        case 0x6a: // LONG_BINGET
          stack.push(operations.recall(argument.u32()));
          break;
        case 0x70: // PUT
          operations.remember(argument.textIndex());
          break;
        case 0x71: // BINPUT
          operations.remember(argument.u8());
          break;
        case 0x72: // LONG_BINPUT
          operations.remember(argument.u32());
          break;
        case 0x94: // MEMOIZE
          operations.memoize();
          break;

        case 0x63: // GLOBAL
          stack.push(operations.global(argument.nameLine(), argument.nameLine()));
          break;
        case 0x93: // STACK_GLOBAL
          operations.stackGlobal();
          break;
        case 0x52: // REDUCE
        case 0x81: // NEWOBJ
          operations.callWithArgs(opcode === 0x52 ? "REDUCE" : "NEWOBJ");
          break;
        case 0x92: // NEWOBJ_EX
          operations.callWithKeywords();
          break;
        case 0x69: {
          // INST
          const callee = operations.global(argument.nameLine(), argument.nameLine());
          stack.push(
            operations.call("INST", callee, { args: operations.tuple(operations.takeMarked()), kwargs: null }),
          );
          break;
        }
        case 0x6f: {
          // OBJ
          const [callee, ...args] = operations.takeMarked();
          if (callee === undefined) throw operations.unsound("OBJ finds no class");
          stack.push(operations.call("OBJ", callee, { args: operations.tuple(args), kwargs: null }));
          break;
        }
        case 0x62: // BUILD
          this.#build(operations);
          break;

        case 0x50: // PERSID
          argument.nameLine();
          stack.push(
            operations.forbid("persistent-id", "PERSID asks the reading program for an object by a persistent id"),
          );
          break;
        case 0x51: // BINPERSID
          operations.pop();
          stack.push(
            operations.forbid("persistent-id", "BINPERSID asks the reading program for an object by a persistent id"),
          );
          break;
        case 0x82: // EXT1
          operations.extension(argument.u8());
          break;
        case 0x83: // EXT2
          operations.extension(argument.u16());
          break;
        case 0x84: // EXT4
          operations.extension(argument.i32());
          break;

        case 0x80: {
          // PROTO
          const protocol = argument.u8();
          if (protocol > newestProtocol) throw trimaranError("PICKLE_PROTOCOL", { name: cursor.name, protocol });
          if (!stated) this.protocol = protocol;
          stated = true;
          break;
        }
        case 0x95: // FRAME
          cursor.skip(8, "FRAME");
          break;
        case 0x97: // NEXT_BUFFER
        case 0x98: // READONLY_BUFFER
          throw trimaranError("PICKLE_BUFFERS", {
            name: cursor.name,
            opcode: argument.name,
            offset: argument.offset,
          });
        default:
          throw trimaranError("PICKLE_OPCODE", { name: cursor.name, opcode: argument.name, offset: argument.offset });
      }
    }
  }
  #stop(value: PyValue): PyValue {
    this.stopped = true;
    return value;
  }

  // BUILD, and the one place where a container may take bytes of its own out of the stream.
  #build(operations: Operations): void {
    const object = operations.build();
    const { container, cursor, budget } = this.#setup;
    if (object === undefined || container === undefined) return;
    const value = container.afterBuild(object, cursor, (start) => {
      cursor.offset = start;
      const root = new PickleMachine({ ...this.#setup, container: undefined }).run();
      assertMeasure(root, budget);
      return root;
    });
    if (value === undefined) return;
    operations.pop();
    operations.stack.push(value);
  }
}
