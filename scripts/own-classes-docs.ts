// The part of docs/models.md about files of several parts and about classes of the reader's own.

export const ownClassesDocs: string = `## A file of several parts

A dict such as \`{"dv": vectorizer, "model": model}\`, or a tuple with more in it than estimators, is not guessed at: name the parts
that make the model, in order. \`trimaran inspect parts.pkl\` lists them.

\`\`\`
trimaran predict parts.pkl --member dv,model
trimaran predict 'parts.pkl#dv,model'
\`\`\`

In a definition it is \`model: "./parts.pkl#dv,model"\`; of a tuple the parts are \`0\`, \`1\`, …; in a program
\`openModel("parts.pkl", { members: ["dv", "model"] })\`.

## When a model is refused

The error names the class and its place inside of the file (\`steps[1].named_transformers_['cat']\`). What can be done, in this order:

1. Save the model with an estimator of the table below.
2. Export it as ONNX, where its library can.
3. Say what a class of your own computes, in the definition:

\`\`\`ts
import { defineDeployment, defineEstimator, number, string } from "trimaran";

const ratio = defineEstimator({
  classes: ["acme.features.Ratio"],
  toOp(self, input) {
    const floor = self.number("floor_");
    return {
      transform: {
        width: 1,
        compute(batch) {
          if (batch.kind !== "matrix") throw new TypeError("numbers were expected");
          const { rowCount, width, values } = batch;
          return Array.from({ length: rowCount }, (_, row) => values[row * width]! / Math.max(floor, values[row * width + 1]!));
        },
      },
    };
  },
});

export default defineDeployment({ model: "./model.pkl", estimators: [ratio] /* input, output, … */ });
\`\`\`

Only these exact classes are then allowed in this file, as inert data; your Python code is never run. \`toOp\` is called once, when the
model is opened; \`self\` gives copies of the object's attributes, and \`self.estimator("scaler_", input)\` applies an estimator that it
holds. \`compute\` gets a batch and gives \`rows × width\` numbers; a row's numbers must not depend on its neighbours. How near they are
to Python's is yours to test (\`trimaran check --parity\`). Such a model cannot be exported as ONNX.

A lambda or a function inside of a file is code: such a file is refused as untrusted, whatever the definition says.

## A folder that MLflow saved

The signature in its \`MLmodel\` names the columns of a model that knows only positions, and says types and which may be missing; where
it does not fit the model, the model is right and \`inspect\` says so. The input example is shown, and \`init\` takes its values.
Neither changes what the model computes.
`;
