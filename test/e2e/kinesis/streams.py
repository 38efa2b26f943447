# moto's emulator of Kinesis in this process, and boto3 as its client. Commands come as lines of JSON, answers go out as such.
import base64
import json
import logging
import sys

import boto3
from aws_kinesis_agg.aggregator import RecordAggregator
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"
settings = {
    "region_name": "eu-west-1",
    "endpoint_url": url,
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
kinesis = boto3.client("kinesis", **settings)


def create(stream, shards=1):
    kinesis.create_stream(StreamName=stream, ShardCount=shards)
    kinesis.get_waiter("stream_exists").wait(StreamName=stream)


def put(stream, records):
    for start in range(0, len(records), 500):
        batch = [{"Data": r["data"].encode(), "PartitionKey": r["key"]} for r in records[start : start + 500]]
        answer = kinesis.put_records(StreamName=stream, Records=batch)
        assert answer["FailedRecordCount"] == 0
    return len(records)


# As producers that use the Kinesis Producer Library do: several records in one.
def put_packed(stream, records):
    packer = RecordAggregator()
    for record in records:
        assert packer.add_user_record(record["key"], record["data"]) is None
    key, _, data = packer.clear_and_get().get_contents()
    kinesis.put_record(StreamName=stream, Data=data, PartitionKey=key)
    return len(data)


def read(stream):
    described = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
    found = []
    for shard in described["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=1000)
            for record in answer["Records"]:
                found.append((shard["ShardId"], described["StreamARN"], record))
            iterator = answer.get("NextShardIterator")
            if not answer["Records"]:
                break
    return found


def texts(stream):
    return [{"data": record["Data"].decode(), "key": record["PartitionKey"]} for _, _, record in read(stream)]


# What an event source mapping hands to a function.
def event(stream):
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": record["PartitionKey"],
                    "sequenceNumber": record["SequenceNumber"],
                    "data": base64.b64encode(record["Data"]).decode(),
                    "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"{shard}:{record['SequenceNumber']}",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-kinesis-role",
                "awsRegion": "eu-west-1",
                "eventSourceARN": arn,
            }
            for shard, arn, record in read(stream)
        ]
    }


# boto3's own client of Lambda, against the function's local endpoint.
def invoke(endpoint, payload):
    client = boto3.client("lambda", **{**settings, "endpoint_url": endpoint})
    answer = client.invoke(FunctionName="function", Payload=json.dumps(payload).encode())
    return {"error": answer.get("FunctionError"), "payload": json.loads(answer["Payload"].read())}


commands = {"create": create, "put": put, "put_packed": put_packed, "texts": texts, "event": event, "invoke": invoke}
print(json.dumps({"url": url}), flush=True)
for line in sys.stdin:
    command, arguments = json.loads(line)
    print(json.dumps(commands[command](*arguments)), flush=True)
server.stop()
