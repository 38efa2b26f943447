// The Python libraries that the function is tried against: moto's emulator of Kinesis, boto3, and what the course's script imports.
import type { PythonPins } from "../../../scripts/python-environment.ts";

export const kinesisPython: PythonPins = {
  name: "kinesis",
  python: "3.12",
  pins: [
    "moto[server,kinesis,sqs]==5.2.5",
    "boto3==1.44.5",
    "requests==2.32.5",
    "deepdiff==8.6.1",
    "aws-kinesis-agg==1.2.3",
    "six==1.17.0",
    "cfn-lint==1.58.0",
    "aws-sam-translator==1.115.0",
  ],
};
