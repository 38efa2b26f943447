"""The course's web service in FastAPI. MODEL names the file; N_JOBS, where it is set, is what a forest's n_jobs becomes."""
import os
import pickle

from fastapi import FastAPI
from pydantic import BaseModel

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


class Ride(BaseModel):
    PULocationID: int
    DOLocationID: int
    trip_distance: float


app = FastAPI()


@app.post("/predict")
def predict(ride: Ride):
    features = {"PU_DO": f"{ride.PULocationID}_{ride.DOLocationID}", "trip_distance": ride.trip_distance}
    return {"duration": float(predict_one(features))}
