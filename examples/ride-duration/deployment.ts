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
  examples: [{ input: { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 } }],
});
