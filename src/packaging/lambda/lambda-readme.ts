// LAMBDA.md: how to run the function here and deploy it.
import type { PackagePlan } from "../package-plan.ts";
import { lambdaDockerfileName } from "./lambda-dockerfile.ts";

export function lambdaReadme({ name, image, target, trimaran }: PackagePlan): string {
  const isUri = /^[a-z][a-z0-9+.-]+:/i.test(target);
  const place = isUri ? target : `app/${target}`;
  return `# ${name}, as an AWS Lambda function

It scores the records of a Kinesis stream and puts the answers into another.

## On this machine

\`\`\`bash
npm ci --omit=dev
TEST_RUN=True npx trimaran lambda ${shellQuoted(place)}
\`\`\`

answers events at http://localhost:8080/2015-03-31/functions/function/invocations, and writes nothing.

## As an image

\`\`\`bash
docker build -f ${lambdaDockerfileName} -t ${image}-lambda:v1 .
docker run -it --rm -p 8080:8080 -e TEST_RUN=True ${image}-lambda:v1
\`\`\`

The base is AWS's \`public.ecr.aws/lambda/nodejs:24\`; \`--build-arg BASE_IMAGE=…\` takes another. An image without AWS's runtime (such as
\`node:24-slim\`) does as well with the entry point \`["node", "node_modules/trimaran/bin/trimaran", "lambda", ${JSON.stringify(place)}, "--host", "0.0.0.0"]\`,
which speaks Lambda's runtime API itself, and answers on port 8080 anywhere else.

## As an archive

\`\`\`bash
npm ci --omit=dev
zip -qr function.zip handler.mjs package.json node_modules${isUri ? "" : " app"}
\`\`\`

The handler is \`handler.handler\`, the runtime \`nodejs24.x\`. With the Serverless Application Model \`sam build && sam deploy --guided\` makes
the function, its streams and the mapping of \`template.yaml\`.

## Settings

| variable | says |
|---|---|
| \`PREDICTIONS_STREAM_NAME\` | the stream of answers (\`ride_predictions\` unless given) |
| \`DEAD_LETTER_STREAM_NAME\` | the stream of records that cannot be taken; without it \`POISON_RECORDS\` is \`retry\` or \`skip\` |
| \`TEST_RUN\` | \`True\`: answers, and writes nothing |
| \`MODEL_LOCATION\`, \`MODEL_URI\` | another model; with \`MODEL_LOCATION\`, \`RUN_ID\` is the \`version\` of the answers |
| \`RUN_ID\`, \`MLFLOW_TRACKING_URI\` | the model of a run, from MLflow |
| \`KINESIS_ENDPOINT_URL\` | an emulator of Kinesis |
${trimaran.tarball === null ? "" : `\n\`${trimaran.tarball}\` is Trimaran itself, as it was packed.\n`}`;
}

function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
