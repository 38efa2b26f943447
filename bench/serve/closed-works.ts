// Works in a closed loop of a few connections: the worked example's two models over HTTP, and a forest over gRPC.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Contestant, example, trimaran } from "./contestants.ts";
import { isWanted, type Outcome, type Target, type Work, type WorkOptions } from "./outcome.ts";
import { columnModels, type ExampleModel, fastapi, gunicorn, mlflowServe, mlserver, oipOver } from "./peers.ts";
import { scratchFolder } from "./processes.ts";
import { type Measured, type Missing, measureThroughput, throughputRows } from "./throughput.ts";
import { grpcOf, http, type Way } from "./way.ts";

type Makers = Readonly<Record<string, () => Promise<Omit<Contestant, "name">>>>;

/** How many times the peer's rate ours must be, of the table. */
const linearTargets = { "Flask + Gunicorn": 8, "FastAPI + uvicorn": 4, "bare node:http": 0.85 };
const forestTargets = {
  "Flask + Gunicorn": 45,
  "MLServer, ready columns": 80,
  "mlflow models serve, ready columns": 150,
  "bare node:http": 0.85,
};

export const linear: Work = (options) => closed(options, (home) => exampleField("linear", home, linearTargets));

export const forest: Work = async (options) => {
  const columns = join(await columnModels(), "forest", "model.joblib");
  const peersOf = (home: string): Makers => ({
    "trimaran, ready columns": async () => ({
      command: ownCommand([columns], join(home, "columns")),
      model: "forest over columns",
      ...oipOver("model"),
    }),
    "MLServer, ready columns": () => mlserver("forest", 2),
    "mlflow models serve, ready columns": () => mlflowServe(2),
  });
  return closed(options, (home) => {
    const field = exampleField("forest", home, forestTargets);
    return { ...field, peers: { ...field.peers, ...peersOf(home) } };
  });
};

export const grpc: Work = async (options) => {
  const columns = join(await columnModels(), "forest", "model.joblib");
  const name = "trimaran";
  return closed(options, (home) => ({
    title: "gRPC unary, forest of 100 trees over ready columns",
    way: grpcOf(({ contestant }) => (contestant.name === name ? "model" : "forest")),
    own: [
      {
        name,
        command: (ports) => ownCommand([columns, "--grpc-port", String(ports[1])], join(home, "grpc"))(ports),
        model: "forest over columns",
      },
    ],
    peers: { MLServer: () => mlserver("forest", 2) },
    targets: { MLServer: 5 },
  }));
};

interface Field {
  readonly title: string;
  readonly way: Way;
  /** The first one is ours. */
  readonly own: readonly Contestant[];
  readonly peers: Makers;
  readonly targets: Readonly<Record<string, number>>;
}

function exampleField(model: ExampleModel, home: string, targets: Field["targets"]): Field {
  const ours = [example, ...(model === "forest" ? ["--model", `${example}/forest`] : [])];
  const bare = fileURLToPath(new URL("bare.ts", import.meta.url));
  const titles = { linear: "linear model", forest: "forest pipeline of 100 trees" };
  return {
    title: `${titles[model]}, one ride a request`,
    way: http,
    own: [
      { name: "trimaran, metrics on, logs off", command: ownCommand(ours, join(home, "plain")), model },
      {
        name: "trimaran, access and prediction log",
        command: ownCommand([...ours, "--access-log", "--prediction-log", "--log-level", "info"], join(home, "logs")),
        model,
        isLoud: true,
      },
      { name: "bare node:http", command: ([port]) => [process.execPath, bare, String(port), "2"], model: null },
    ],
    peers: { "Flask + Gunicorn": () => gunicorn(model, 2), "FastAPI + uvicorn": () => fastapi(model, 2) },
    targets,
  };
}

function ownCommand(args: readonly string[], home: string): Contestant["command"] {
  return trimaran(["--workers", "2", "--home", home, "--log-level", "error", ...args]);
}

async function closed(options: WorkOptions, fieldIn: (home: string) => Field): Promise<Outcome> {
  using scratch = scratchFolder();
  const { title, way, own, peers, targets } = fieldIn(scratch.path);
  const contestants = [...own];
  const missing: Missing[] = [];
  for (const [name, make] of Object.entries(peers)) {
    if (!isWanted(name, options)) continue;
    try {
      options.progress(`preparing ${name}`);
      contestants.push({ name, ...(await make()) });
    } catch (error) {
      missing.push({ name, why: `not to be installed here: ${String(error).split("\n")[0]}` });
    }
  }
  const found = await measureThroughput(contestants, way, options);
  const measured: Measured = { ...found, missing: [...missing, ...found.missing] };
  const held = measured.services.flatMap(({ name, oursTimes }): Target[] => {
    const target = targets[name];
    return target === undefined ? [] : [{ what: `× ${name}`, measured: oursTimes, is: "at least", target }];
  });
  const { rounds, seconds, connections } = options;
  return {
    title: `${title}; 2 workers, ${connections} connections, ${rounds} rounds of ${seconds} s in turn`,
    rows: throughputRows(measured),
    data: measured,
    targets: [...held, ...measured.missing.flatMap(({ name }) => lacking(name, targets))],
  };
}

/** A peer that is not there leaves its target open, which is told. */
function lacking(name: string, targets: Field["targets"]): readonly Target[] {
  const target = targets[name];
  return target === undefined ? [] : [{ what: `× ${name} (not here)`, measured: Number.NaN, is: "at least", target }];
}
