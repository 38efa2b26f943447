"""The course's stream consumer with confluent-kafka and scikit-learn: consume, predict, produce, in transactions of 500.

    python peer.py BROKER IN OUT GROUP MODEL COUNT message|batch

`message`: one `predict` a message, as the course has it; `batch`: one a batch. Ends after COUNT messages.
"""
import json
import pickle
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition

broker, source, target, group, model_file, count, way = sys.argv[1:]
count = int(count)

with open(model_file, "rb") as file:
    loaded = pickle.load(file)
if isinstance(loaded, tuple):
    vectorizer, model = loaded

    def predict(rows):
        return model.predict(vectorizer.transform(rows))
else:
    for step in loaded.named_steps.values():
        if hasattr(step, "n_jobs"):
            step.n_jobs = 1
    predict = loaded.predict


def features(ride):
    return {"PU_DO": f"{ride['PULocationID']}_{ride['DOLocationID']}", "trip_distance": ride["trip_distance"]}


def answer(event, prediction):
    body = {"ride_duration": float(prediction), "ride_id": event["ride_id"]}
    return json.dumps({"model": "ride_duration_prediction_model", "version": "1", "prediction": body})


consumer = Consumer({
    "bootstrap.servers": broker, "group.id": group, "auto.offset.reset": "earliest",
    "enable.auto.commit": False, "isolation.level": "read_committed",
})
producer = Producer({"bootstrap.servers": broker, "transactional.id": group, "linger.ms": 1})
producer.init_transactions()
consumer.subscribe([source])
done = 0
commit_seconds = 0.0
while done < count:
    messages = [m for m in consumer.consume(500, timeout=1.0) if m.error() is None]
    if not messages:
        continue
    producer.begin_transaction()
    events = [json.loads(m.value()) for m in messages]
    if way == "message":
        predictions = [predict([features(e["ride"])])[0] for e in events]
    else:
        predictions = predict([features(e["ride"]) for e in events])
    for message, event, prediction in zip(messages, events, predictions):
        producer.produce(target, key=message.key(), value=answer(event, prediction))
    offsets = {}
    for m in messages:
        offsets[(m.topic(), m.partition())] = m.offset() + 1
    positions = [TopicPartition(t, p, o) for (t, p), o in offsets.items()]
    begin = time.perf_counter()
    producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata())
    producer.commit_transaction()
    commit_seconds += time.perf_counter() - begin
    done += len(messages)
print(json.dumps({"commitSeconds": commit_seconds}))
consumer.close()
