// What a job of Spark is made of, as data.
export interface SparkPlan {
  /** Of the deployment. */
  readonly name: string;
  readonly trimaran: string;
  /** `linux-x64`: the machine that the archive is for. */
  readonly platform: string;
  /** The target's path below the archive's `app/`. */
  readonly target: string;
  /** Further arguments of `score`. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Columns that the definition reads by name; null: all, whatever they are. */
  readonly columns: readonly string[] | null;
  /** SQL of `derive` and `where`: columns that it names are read too. */
  readonly sql: string;
  readonly models: readonly {
    readonly name: string;
    readonly uri: string;
    readonly version: string | null;
    readonly digest: string;
  }[];
  readonly definitionDigest: string | null;
}

export function archiveName({ platform }: Pick<SparkPlan, "platform">): string {
  return `trimaran-${platform}.tar.gz`;
}
