// `template.yaml`: the function, its streams and its event source mapping for the AWS Serverless Application Model. The mapping's
// defaults are the trap of Kinesis with Lambda (a record that fails is sent again until it expires, and holds up its shard), so
// that each of them is said here.
import type { PackagePlan } from "../package-plan.ts";

export function samTemplate({ name, about, image, trimaran: { version } }: PackagePlan): string {
  const description = `${about === "" ? name : about} (Trimaran ${version})`;
  return `# Written by \`trimaran package --for lambda\`; LAMBDA.md beside this file says how to deploy it.
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Description: ${yamlText(description.slice(0, 1000))}

Parameters:
  InputStreamArn:
    Type: String
    Description: The Kinesis stream of events.
  StartingPosition:
    Type: String
    Default: TRIM_HORIZON
    AllowedValues: [TRIM_HORIZON, LATEST]
  RunId:
    Type: String
    Default: ""
    Description: The run whose model is loaded from MLflow; empty is the packaged model.
  TrackingUri:
    Type: String
    Default: ""
    Description: The MLflow server, where the model is named by it.

Resources:
  Predictions:
    Type: AWS::Kinesis::Stream
    Properties:
      StreamModeDetails: { StreamMode: ON_DEMAND }
      StreamEncryption: { EncryptionType: KMS, KeyId: alias/aws/kinesis }

  # Records that cannot be read or validated, each in an envelope that says why.
  DeadLetters:
    Type: AWS::Kinesis::Stream
    Properties:
      RetentionPeriodHours: 168
      StreamModeDetails: { StreamMode: ON_DEMAND }
      StreamEncryption: { EncryptionType: KMS, KeyId: alias/aws/kinesis }

  # What AWS gave up on (the function or the output stream failed for too long): positions in the stream, not data.
  GivenUp:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
      SqsManagedSseEnabled: true

  Function:
    Type: AWS::Serverless::Function
    Properties:
      # The same as an image: build it (${image}), push it, and put ImageUri in the place of the three lines below.
      CodeUri: .
      Handler: handler.handler
      Runtime: nodejs24.x
      MemorySize: 1024
      Timeout: 60
      Environment:
        Variables:
          PREDICTIONS_STREAM_NAME: !Ref Predictions
          DEAD_LETTER_STREAM_NAME: !Ref DeadLetters
          RUN_ID: !Ref RunId
          MLFLOW_TRACKING_URI: !Ref TrackingUri
      Policies:
        - Statement:
            - Effect: Allow
              Action: [kinesis:PutRecords]
              Resource: [!GetAtt Predictions.Arn, !GetAtt DeadLetters.Arn]
            - Effect: Allow
              Action: [kms:GenerateDataKey]
              Resource: !Sub arn:\${AWS::Partition}:kms:\${AWS::Region}:\${AWS::AccountId}:key/*
              Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias/aws/kinesis } }
      Events:
        Stream:
          Type: Kinesis
          Properties:
            Stream: !Ref InputStreamArn
            StartingPosition: !Ref StartingPosition
            BatchSize: 500
            MaximumBatchingWindowInSeconds: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 100
            DestinationConfig:
              OnFailure: { Type: SQS, Destination: !GetAtt GivenUp.Arn }

Outputs:
  Predictions: { Value: !Ref Predictions }
  DeadLetters: { Value: !Ref DeadLetters }
  GivenUp: { Value: !Ref GivenUp }
`;
}

/** Double quotes read JSON's escapes. */
function yamlText(text: string): string {
  return JSON.stringify(text.replace(/\p{Cc}+/gu, " "));
}
