// Which recorded models of the real libraries are answered, reduced to what docs/models.md says of them.
import { type GoldenFolder, goldenFolder, readNotYet } from "../test/golden/replay/not-yet.ts";
import { type RecordedCase, recordedCases } from "../test/golden/replay/recorded-case.ts";

export interface AnsweredGolden {
  /** `scikit-learn`, `xgboost`, `lightgbm`. */
  readonly library: string;
  /** That recorded it. */
  readonly version: string;
  /** The class of the model itself, and of everything in it. */
  readonly estimator: string;
  readonly classes: readonly string[];
  /** `pickle`, `joblib`, `txt`, … */
  readonly container: string;
  readonly methods: readonly string[];
}

/** Cases that `not-yet.json` lists or whose file must be refused are not among them. */
export function answeredGoldens(): readonly AnsweredGolden[] {
  return folders.flatMap((folder) => {
    const notYet = readNotYet(folder);
    const cases = recordedCases(`${goldenFolder(folder)}recorded`) as readonly RecordedCase[] as readonly WrittenCase[];
    return cases
      .filter((each) => each.expect === undefined && !notYet.has(`${each.env}/${each.case}`))
      .flatMap((each): readonly AnsweredGolden[] => {
        const library = libraries.find(({ key }) => each[key] !== undefined);
        if (library === undefined) return [];
        const { estimator, classes, container } = each;
        const methods = Object.keys(each.methods);
        return [{ library: library.name, version: each[library.key] ?? "", estimator, classes, container, methods }];
      });
  });
}

const folders: readonly GoldenFolder[] = ["sklearn", "boosters"];

const libraries = [
  { key: "xgboost", name: "xgboost" },
  { key: "lightgbm", name: "lightgbm" },
  { key: "sklearn", name: "scikit-learn" },
] as const;

type WrittenCase = RecordedCase & { readonly container: string } & {
  readonly [Key in (typeof libraries)[number]["key"]]?: string;
};
