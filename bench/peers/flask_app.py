"""The course's web service: Flask around a pickle of (DictVectorizer, LinearRegression) or of a pipeline.

MODEL names the file. N_JOBS, where it is set, is what a forest's n_jobs becomes.
"""
import os
import pickle

from flask import Flask, jsonify, request

with open(os.environ["MODEL"], "rb") as file:
    loaded = pickle.load(file)

if isinstance(loaded, tuple):
    vectorizer, model = loaded

    def predict_one(features):
        return model.predict(vectorizer.transform([features]))[0]

else:
    if "N_JOBS" in os.environ:
        loaded[-1].n_jobs = int(os.environ["N_JOBS"])

    def predict_one(features):
        return loaded.predict([features])[0]


app = Flask("duration-prediction")


@app.route("/predict", methods=["POST"])
def predict():
    ride = request.get_json()
    features = {
        "PU_DO": "%s_%s" % (ride["PULocationID"], ride["DOLocationID"]),
        "trip_distance": ride["trip_distance"],
    }
    return jsonify({"duration": float(predict_one(features))})
