// Flags of `package`.
import type { Flag } from "./flag.ts";

export const packageFlags: readonly Flag[] = [
  {
    name: "out",
    value: "DIR",
    type: "text",
    says: "the folder to write: a new or an empty one, or one that this command wrote",
  },
  {
    name: "for",
    value: "TARGETS",
    type: "names",
    says: "what to write: docker, a build context for an image; compose, a compose.yaml beside it; lambda, an AWS Lambda function",
  },
  {
    name: "image",
    value: "NAME",
    type: "text",
    says: "the name of the image in README.md and compose.yaml; by default the first output's, such as duration-prediction-service",
  },
  {
    name: "grpc-port",
    value: "PORT",
    type: "port",
    says: "the port on which the container speaks gRPC too; without it, only HTTP is spoken",
  },
  {
    name: "trimaran",
    value: "FILE",
    type: "text",
    says: "the tarball of Trimaran to put in, as `npm pack` makes it; by default a clone packs itself",
  },
];
