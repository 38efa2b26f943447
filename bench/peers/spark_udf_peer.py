"""Scores rides with mlflow's spark_udf, as teams do: spark_udf_peer.py PIPELINE INPUT OUTPUT MASTER

PIPELINE is a pickled Pipeline(DictVectorizer, …), which takes dicts; MLflow hands columns over, so it is logged behind a Python model that makes
the dicts. Prints the seconds from the read of the file to the end of the write.
"""
import pickle
import sys
import tempfile
import time

import mlflow
from pyspark.sql import SparkSession
from pyspark.sql import functions as F


class Rides(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["pipeline"], "rb") as file:
            self.pipeline = pickle.load(file)

    def predict(self, context, model_input, params=None):
        pairs = model_input["PULocationID"].astype(str) + "_" + model_input["DOLocationID"].astype(str)
        rows = model_input[["trip_distance"]].assign(PU_DO=pairs).to_dict(orient="records")
        return self.pipeline.predict(rows)


pipeline, path, output, master = sys.argv[1:5]
with tempfile.TemporaryDirectory() as folder:
    mlflow.pyfunc.save_model(f"{folder}/model", python_model=Rides(), artifacts={"pipeline": pipeline})
    spark = SparkSession.builder.master(master).config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    began = time.monotonic()
    predict = mlflow.pyfunc.spark_udf(spark, f"{folder}/model", result_type="double", env_manager="local")
    seconds = lambda column: F.unix_micros(F.col(column).cast("timestamp")) / 1e6
    rides = spark.read.parquet(path).withColumn("duration", (seconds("lpep_dropoff_datetime") - seconds("lpep_pickup_datetime")) / 60)
    rides = rides.where("duration BETWEEN 1 AND 60")
    predicted = predict(F.struct("PULocationID", "DOLocationID", "trip_distance"))
    rides = rides.withColumn("predicted_duration", predicted)
    rides.select(
        F.concat(F.lit("rides/"), F.monotonically_increasing_id().cast("string")).alias("ride_id"),
        "lpep_pickup_datetime",
        "PULocationID",
        "DOLocationID",
        F.col("duration").alias("actual_duration"),
        "predicted_duration",
        (F.col("duration") - F.col("predicted_duration")).alias("diff"),
        F.lit("1").alias("model_version"),
    ).write.mode("overwrite").parquet(output)
    print(time.monotonic() - began)
    spark.stop()
