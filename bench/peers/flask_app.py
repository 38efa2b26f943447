"""The course's web service: Flask around a pickle of (DictVectorizer, LinearRegression) or of a pipeline.

MODEL names the file; a joblib file holds a model over the three ready columns. N_JOBS, where it is set, is what a forest's n_jobs
becomes. A list of rides is answered by a list, in one call of the model.
"""
import os
import pickle

from flask import Flask, jsonify, request

path = os.environ["MODEL"]
if path.endswith(".joblib"):
    import joblib

    loaded = joblib.load(path)

    def predict_all(rides):
        return loaded.predict([[ride["PULocationID"], ride["DOLocationID"], ride["trip_distance"]] for ride in rides])

else:
    with open(path, "rb") as file:
        loaded = pickle.load(file)
    if isinstance(loaded, tuple):
        vectorizer, model = loaded
    elif "N_JOBS" in os.environ:
        loaded[-1].n_jobs = int(os.environ["N_JOBS"])

    def features_of(ride):
        return {
            "PU_DO": "%s_%s" % (ride["PULocationID"], ride["DOLocationID"]),
            "trip_distance": ride["trip_distance"],
        }

    def predict_all(rides):
        features = [features_of(ride) for ride in rides]
        return model.predict(vectorizer.transform(features)) if isinstance(loaded, tuple) else loaded.predict(features)


app = Flask("duration-prediction")


@app.route("/predict", methods=["POST"])
def predict():
    given = request.get_json()
    if isinstance(given, list):
        return jsonify([{"duration": float(duration)} for duration in predict_all(given)])
    return jsonify({"duration": float(predict_all([given])[0])})
