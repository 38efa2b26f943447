# Messages as real clients write and read them: confluent-kafka's serializers with a schema registry, fastavro, and the SDK of
# CloudEvents. One line of JSON on stdin says what to do, one on stdout what came of it.
import base64
import io
import json
import sys
from datetime import date, datetime, timezone
from decimal import Decimal

import fastavro
from cloudevents.http import CloudEvent
from cloudevents.kafka import KafkaMessage, from_binary, from_structured, to_binary, to_structured
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

RIDE = {
    "type": "record",
    "name": "RideEvent",
    "namespace": "taxi",
    "fields": [
        {
            "name": "ride",
            "type": {
                "type": "record",
                "name": "Ride",
                "fields": [
                    {"name": "PULocationID", "type": "int"},
                    {"name": "DOLocationID", "type": "int"},
                    {"name": "trip_distance", "type": "double"},
                    {"name": "note", "type": ["null", "string"], "default": None},
                    {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}], "default": None},
                ],
            },
        },
        {"name": "ride_id", "type": "long"},
    ],
}
RIDE_JSON = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "RideEvent",
    "type": "object",
    "properties": {"ride": {"type": "object"}, "ride_id": {"type": "integer"}},
}
RIDE_VALUE = {
    "ride": {"PULocationID": 130, "DOLocationID": 205, "trip_distance": 3.66, "note": None, "at": None},
    "ride_id": 256,
}
TYPES = [
    ("long", [0, -1, 2**53 + 1, -(2**63), 2**63 - 1]),
    ("double", [1.5, -0.0, 1e308]),
    ("float", [0.5]),
    ("string", ["", "é😀"]),
    ("boolean", [True]),
    ({"type": "array", "items": ["null", "long"]}, [[], [1, None, 3]]),
    ({"type": "map", "values": "string"}, [{"a": "b"}]),
    ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, ["B"]),
    ({"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 3}, [Decimal("-12.345"), Decimal("0.000")]),
    ({"type": "fixed", "name": "D", "size": 7, "logicalType": "decimal", "precision": 12, "scale": 2}, [Decimal("-0.01")]),
    ({"type": "int", "logicalType": "date"}, [date(1969, 12, 31), date(2026, 2, 28)]),
    (
        {"type": "long", "logicalType": "timestamp-micros"},
        [datetime(1969, 12, 31, 23, 59, 59, 123456, tzinfo=timezone.utc), datetime(2026, 1, 31, tzinfo=timezone.utc)],
    ),
    ({"type": "long", "logicalType": "timestamp-millis"}, [datetime(2026, 1, 31, 12, 0, 0, 5000, tzinfo=timezone.utc)]),
]


def b64(data):
    return base64.b64encode(data).decode()


def text(value):
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, (date, Decimal)) else value


def context(topic):
    return SerializationContext(topic, MessageField.VALUE)


def headers_of(message):
    return {name: (value if isinstance(value, bytes) else str(value).encode()).decode() for name, value in message.headers.items()}


def encode(registry):
    client = SchemaRegistryClient({"url": registry})
    avro = AvroSerializer(client, json.dumps(RIDE))
    as_json = JSONSerializer(json.dumps(RIDE_JSON), client)
    event = CloudEvent({"type": "ride.started", "source": "/rides", "id": "e-1", "subject": "s", "sampled": "1", "datacontenttype": "application/json"}, RIDE_VALUE)
    structured, binary = to_structured(event), to_binary(event)
    values = []
    for schema, samples in TYPES:
        parsed = fastavro.parse_schema(schema)
        for sample in samples:
            out = io.BytesIO()
            fastavro.schemaless_writer(out, parsed, sample)
            values.append({"schema": schema, "bytes": b64(out.getvalue()), "text": text(sample)})
    return {
        "avro": b64(avro(RIDE_VALUE, context("rides"))),
        "json": b64(as_json(RIDE_VALUE, context("rides-json"))),
        "structured": {"headers": headers_of(structured), "value": b64(structured.value)},
        "binary": {"headers": headers_of(binary), "value": b64(binary.value)},
        "values": values,
    }


def message_of(told):
    headers = {name: value.encode() for name, value in told["headers"].items()}
    return KafkaMessage(headers=headers, key=None, value=base64.b64decode(told["value"]))


def event_of(event):
    return {"attributes": dict(event.get_attributes()), "data": event.get_data()}


def decode(registry, told):
    client = SchemaRegistryClient({"url": registry})
    schema = client.get_latest_version("predictions-json-value").schema.schema_str
    return {
        "avro": AvroDeserializer(client)(base64.b64decode(told["avro"]), context("predictions")),
        "json": JSONDeserializer(schema, schema_registry_client=client)(
            base64.b64decode(told["json"]), context("predictions-json")
        ),
        "structured": event_of(from_structured(message_of(told["structured"]))),
        "binary": event_of(from_binary(message_of(told["binary"]), data_unmarshaller=json.loads)),
    }


command, arguments = json.load(sys.stdin)
print(json.dumps({"encode": encode, "decode": decode}[command](*arguments)))
