"""The course's stream consumer over Kafka: confluent-kafka around a pickle of (DictVectorizer, LinearRegression) or of a pipeline.

stream_peer.py BROKER FROM TO GROUP MODEL each|batch exactly-once|at-least-once RECORDS
each: one predict a message, as the course does; batch: one predict for all messages of a transaction. RECORDS: most of a transaction.
On SIGTERM it writes {"commits": N, "commitSeconds": S} to stderr.
"""
import json
import pickle
import signal
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition

broker, source, target, group, path, mode, delivery, records = sys.argv[1:]
with open(path, "rb") as file:
    loaded = pickle.load(file)
if not isinstance(loaded, tuple):
    loaded[-1].n_jobs = 1


def features_of(ride):
    return {
        "PU_DO": "%s_%s" % (ride["PULocationID"], ride["DOLocationID"]),
        "trip_distance": ride["trip_distance"],
    }


def predict(rides):
    features = [features_of(ride) for ride in rides]
    if isinstance(loaded, tuple):
        vectorizer, model = loaded
        return model.predict(vectorizer.transform(features))
    return loaded.predict(features)


once = delivery == "exactly-once"
consumer = Consumer(
    {
        "bootstrap.servers": broker,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "fetch.wait.max.ms": 10,
    }
)
producer = Producer(
    {
        "bootstrap.servers": broker,
        "linger.ms": 0 if records == "1" else 5,
        **({"transactional.id": group} if once else {"enable.idempotence": True}),
    }
)
if once:
    producer.init_transactions()
consumer.subscribe([source])
stopping = False


def stop(*_):
    global stopping
    stopping = True


signal.signal(signal.SIGTERM, stop)
commits = 0
spent = 0.0
while not stopping:
    messages = [message for message in consumer.consume(int(records), timeout=0.01) if message.error() is None]
    if not messages:
        continue
    events = [json.loads(message.value()) for message in messages]
    if mode == "each":
        durations = [predict([event["ride"]])[0] for event in events]
    else:
        durations = predict([event["ride"] for event in events])
    if once:
        producer.begin_transaction()
    for message, event, duration in zip(messages, events, durations):
        answer = {
            "model": "ride_duration_prediction_model",
            "version": "123",
            "prediction": {"ride_duration": float(duration), "ride_id": event["ride_id"]},
        }
        producer.produce(target, json.dumps(answer).encode(), key=message.key())
    began = time.perf_counter()
    if once:
        latest = {}
        for message in messages:
            latest[(message.topic(), message.partition())] = message.offset() + 1
        offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in latest.items()]
        producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata())
        producer.commit_transaction()
    else:
        producer.flush()
        consumer.commit(asynchronous=True)
    commits += 1
    spent += time.perf_counter() - began
consumer.close()
print(json.dumps({"commits": commits, "commitSeconds": spent}), file=sys.stderr)
