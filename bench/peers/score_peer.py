"""Scores a file of rides as teams do it in Python: score_peer.py WAY MODEL INPUT OUTPUT

WAY   train         fits DictVectorizer + LinearRegression (OUTPUT/linear.pkl) and + RandomForestRegressor (OUTPUT/forest.pkl) to INPUT
      pandas        the course's batch job: one data frame, a dictionary a row
      arrow         DuckDB reads and derives, Arrow batches, a sparse matrix made of whole columns, scikit-learn predicts
      sql           DuckDB alone: the weights are a table that the rides are joined with
"""
import pickle
import sys

DERIVED = """(SELECT *, date_diff('microsecond', lpep_pickup_datetime, lpep_dropoff_datetime) / 6e7 AS duration
              FROM read_parquet('{}', file_row_number = true)) WHERE duration BETWEEN 1 AND 60"""
COLUMNS = ["ride_id", "lpep_pickup_datetime", "PULocationID", "DOLocationID", "actual_duration", "predicted_duration", "diff", "model_version"]


def load(model):
    with open(model, "rb") as file:
        return pickle.load(file)


def rides(path):
    import pandas as pd

    df = pd.read_parquet(path)
    df["duration"] = (df.lpep_dropoff_datetime - df.lpep_pickup_datetime).dt.total_seconds() / 60
    df = df[(df.duration >= 1) & (df.duration <= 60)].copy()
    df["PU_DO"] = df["PULocationID"].astype(str) + "_" + df["DOLocationID"].astype(str)
    return df


def train(path, folder):
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    df = rides(path)
    rows = df[["PU_DO", "trip_distance"]].to_dict(orient="records")
    for name, model in (
        ("linear", LinearRegression()),
        ("forest", RandomForestRegressor(100, max_depth=20, min_samples_leaf=10, n_jobs=-1, random_state=1)),
    ):
        pipeline = make_pipeline(DictVectorizer(), model).fit(rows, df.duration.values)
        with open(f"{folder}/{name}.pkl", "wb") as file:
            pickle.dump(pipeline, file)


def pandas(model, path, output):
    import pandas as pd

    pipeline = load(model)
    df = rides(path)
    predicted = pipeline.predict(df[["PU_DO", "trip_distance"]].to_dict(orient="records"))
    result = pd.DataFrame()
    result["ride_id"] = "rides/" + df.index.astype(str)
    result.index = df.index
    for column in ("lpep_pickup_datetime", "PULocationID", "DOLocationID"):
        result[column] = df[column]
    result["actual_duration"] = df["duration"]
    result["predicted_duration"] = predicted
    result["diff"] = result.actual_duration - result.predicted_duration
    result["model_version"] = "1"
    result.to_parquet(output, engine="pyarrow", compression="snappy", index=False)


def arrow(model, path, output):
    import duckdb
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    import scipy.sparse as sp

    vectorizer, estimator = load(model).named_steps.values()
    if hasattr(estimator, "n_jobs"):
        estimator.n_jobs = 2
    names = vectorizer.feature_names_
    known = pa.array([name.removeprefix("PU_DO=") if name.startswith("PU_DO=") else "" for name in names])
    distance = vectorizer.vocabulary_["trip_distance"]
    query = f"""SELECT 'rides/' || file_row_number AS ride_id, lpep_pickup_datetime, PULocationID, DOLocationID, duration,
                PULocationID || '_' || DOLocationID AS PU_DO, trip_distance FROM {DERIVED.format(path)}"""
    writer = None
    for batch in duckdb.sql(query).fetch_arrow_reader(100_000):
        table = pa.Table.from_batches([batch])
        rows = len(table)
        column = pc.fill_null(pc.index_in(table["PU_DO"].combine_chunks(), known), -1).to_numpy()
        seen = column >= 0
        at = np.arange(rows)
        data = np.concatenate([np.ones(seen.sum()), table["trip_distance"].to_numpy()])
        matrix = sp.csr_matrix((data, (np.concatenate([at[seen], at]), np.concatenate([column[seen], np.full(rows, distance)]))), shape=(rows, len(names)))
        predicted = estimator.predict(matrix)
        actual = table["duration"].to_numpy()
        made = [table[name] for name in COLUMNS[:4]]
        made += [pa.array(actual), pa.array(predicted), pa.array(actual - predicted), pa.array(["1"] * rows)]
        result = pa.Table.from_arrays(made, names=COLUMNS)
        writer = writer or pq.ParquetWriter(output, result.schema, compression="snappy")
        writer.write_table(result)
    writer.close()


def sql(model, path, output):
    import duckdb

    vectorizer, estimator = load(model).named_steps.values()
    weights = dict(zip(vectorizer.feature_names_, estimator.coef_))
    db = duckdb.connect()
    db.execute("CREATE TABLE weights (PU_DO VARCHAR, weight DOUBLE)")
    import pandas as pd

    pairs = pd.DataFrame([(name[6:], weight) for name, weight in weights.items() if name.startswith("PU_DO=")], columns=["PU_DO", "weight"])
    db.execute("INSERT INTO weights SELECT * FROM pairs")
    db.execute(f"""COPY (SELECT *, actual_duration - predicted_duration AS diff, '1' AS model_version FROM (
        SELECT 'rides/' || file_row_number AS ride_id, lpep_pickup_datetime, PULocationID, DOLocationID, duration AS actual_duration,
               {estimator.intercept_!r}::DOUBLE + {weights["trip_distance"]!r}::DOUBLE * trip_distance + coalesce(weight, 0) AS predicted_duration
        FROM (SELECT *, PULocationID || '_' || DOLocationID AS pair FROM {DERIVED.format(path)}) LEFT JOIN weights ON pair = PU_DO)
        ) TO '{output}' (FORMAT parquet)""")


way, model, path, output = sys.argv[1:5]
if way == "train":
    train(path, output)
else:
    {"pandas": pandas, "arrow": arrow, "sql": sql}[way](model, path, output)
