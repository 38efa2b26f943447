"""What a case is: a fitted estimator, the rows it is asked about, and how closely its numbers can be followed."""
import data

MAIN = ("sk024", "sk102", "sk132", "sk151", "sk191")
NEVER = (99,)
OLD = ("sk0204", "sk0222")


class Case:
    """`build` takes the version as a tuple. `exact` is a class for every method, or {method: class}; `tolerance` belongs to loose."""

    def __init__(self, name, build, rows, kind="matrix", columns=None, since=(0, 24), until=NEVER, exact="near", tolerance=None,
                 extra=(), envs=None, marker="nan", family=None, dtype="float64", edges=True, container=None):
        self.name, self.build, self.rows, self.kind, self.columns = name, build, rows, kind, columns
        self.since, self.until, self.exact, self.tolerance = since, until, exact, tolerance
        self.envs = tuple(envs or MAIN) + tuple(extra)
        self.marker, self.family, self.dtype, self.edges, self.container = marker, family, dtype, edges, container

    def runs_in(self, env, version):
        if env in OLD:
            return self.since <= (0, 24) and self.family in ("linear", "trees", "gb", "preprocessing", "compose", "text", "others", "repeats")
        return env in self.envs and self.since <= version < self.until


def table(family, **defaults):
    """A list of cases and the function that adds one; `defaults` hold for all of them."""
    cases = []

    def add(name, build, x=None, rows=None, **options):
        if rows is None:
            rows = data.matrix_rows(data.X if x is None else x)
        cases.append(Case(f"{family}-{name}", build, rows, **{**defaults, "family": family, **options}))

    return cases, add
