// The course's test script: sends one ride to a running service and prints the answer.
//
//   node examples/ride-duration/test.ts            # http://localhost:9696
//   node examples/ride-duration/test.ts 8080       # another port
const ride = { PULocationID: 10, DOLocationID: 50, trip_distance: 40 };
const port = process.argv[2] ?? "9696";

const response = await fetch(`http://localhost:${port}/predict`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(ride),
});
console.log(JSON.stringify(await response.json()));
if (!response.ok) process.exitCode = 1;
