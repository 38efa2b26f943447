// How long a green-taxi ride takes: the worked example. `trimaran serve examples/ride-duration` serves it.
import { defineDeployment, integer, number } from "trimaran";

export default defineDeployment({
  name: "ride-duration",
  description: "The duration of a green-taxi ride in New York, from its two zones and its distance.",
  model: "./lin_reg.bin",
  input: {
    PULocationID: integer({ min: 1, max: 265, description: "TLC zone where the ride begins" }),
    DOLocationID: integer({ min: 1, max: 265, description: "TLC zone where the ride ends" }),
    trip_distance: number({ min: 0, unit: "mile" }),
  },
  features: (ride) => ({
    PU_DO: `${ride.PULocationID}_${ride.DOLocationID}`,
    trip_distance: ride.trip_distance,
  }),
  output: { duration: number({ unit: "minute" }) },
  examples: [
    // A pair that was never seen in training: the intercept and the term of the distance answer, with a warning.
    { input: { PULocationID: 10, DOLocationID: 50, trip_distance: 40 }, output: { duration: 22.625182479499 } },
    { input: { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 }, output: { duration: 15.691732237505335 } },
  ],
  // What `trimaran train` learns from and `trimaran score` scores, in DuckDB's SQL over the columns of the rides' files.
  batch: {
    derive: { duration: "date_diff('microsecond', lpep_pickup_datetime, lpep_dropoff_datetime) / 6e7" },
    where: "duration BETWEEN 1 AND 60",
    truth: "duration",
    write: {
      ride_id: "id",
      lpep_pickup_datetime: "row",
      PULocationID: "row",
      DOLocationID: "row",
      actual_duration: "truth",
      predicted_duration: "output.duration",
      diff: "truth - output",
      model_version: "version",
    },
  },
  // What the consumer of a stream reads and writes: {"ride": {…}, "ride_id": 256} → {model, version, prediction}.
  stream: {
    at: "ride",
    keep: ["ride_id"],
    model: "ride_duration_prediction_model",
    rename: { duration: "ride_duration" },
  },
});
