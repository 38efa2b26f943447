// What is to be deployed, as data: everything that a target's files are made of. Paths are those of the written folder, never
// those of the machine that packs.
import type { LockedPackage } from "./locked-package.ts";
import type { CronFields } from "./schedules/cron-fields.ts";
import type { SparkPlan } from "./spark/spark-plan.ts";

export interface PackagePlan {
  /** Where a job of Spark was asked for. */
  readonly spark?: SparkPlan;
  /** Of the deployment. */
  readonly name: string;
  /** `duration-prediction-service` */
  readonly image: string;
  readonly about: string;
  readonly trimaran: {
    readonly version: string;
    /** The file of the folder that Trimaran is installed from; null takes the version from the registry. */
    readonly tarball: string | null;
  };
  /** Packages that the definition imports or the model needs, beside Trimaran: name → exact version. */
  readonly packages: Readonly<Record<string, string>>;
  /** Everything that is installed, by its place below the application: `node_modules/fastify`. */
  readonly locked: Readonly<Record<string, LockedPackage>>;
  /** What `serve` is given: the target's path below `app/`, or a URI. */
  readonly target: string;
  /** Further arguments of `serve`. */
  readonly serveArguments: readonly string[];
  /** Set in the image; whoever runs it may set them anew. */
  readonly environment: Readonly<Record<string, string>>;
  /** Definition, modules and model: path below `app/` → the key of its bytes. */
  readonly files: Readonly<Record<string, string>>;
  /** The port that the service takes when nobody says another. */
  readonly port: number;
  /** Where gRPC is spoken; null: nowhere. */
  readonly grpcPort: number | null;
  /** Whether the model lies in the image, so that it can be verified and prepared while the image is built. */
  readonly isWhole: boolean;
  readonly model: { readonly digest: string | null; readonly version: string | null };
  readonly definitionDigest: string | null;
  /** A request that works, with its answer. */
  readonly sample: { readonly body: string; readonly answer: string } | null;
  /** @default nothing is scheduled */
  readonly score?: ScoreSchedule | null;
}

/** What is scored when, for targets that are schedules. */
export interface ScoreSchedule {
  /** `0 3 2 * *` */
  readonly cron: string;
  readonly fields: CronFields;
  /** `UTC`, `Europe/Berlin` */
  readonly timeZone: string;
  /** URLs and absolute paths, with their places. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** The URLs have places for a period: the month before the run is scored. */
  readonly isMonthly: boolean;
  /** Where the folder lies on the machine that runs it, without a slash behind. */
  readonly place: string;
  /** Months that are scored once, by a Job of so many indexes. */
  readonly backfill: { readonly range: string; readonly shards: number } | null;
}

/** A file of a folder: its text, or which of the collected bytes it holds. */
export type PackagedFile = string | { readonly bytes: string };

/** By path, with `/` between folders. */
export type PackagedFiles = Readonly<Record<string, PackagedFile>>;
