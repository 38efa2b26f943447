"""Serves every model of a folder as `mlflow models serve` does, each under its name: serve_models.py FOLDER"""
import os
import socket
import sys

import mlflow.pyfunc
from mlflow.pyfunc import scoring_server

folder = sys.argv[1]
apps = {}
for name in sorted(os.listdir(folder)):
    apps["/" + name] = scoring_server.init(mlflow.pyfunc.load_model(os.path.join(folder, name)))
if hasattr(next(iter(apps.values())), "wsgi_app"):
    from werkzeug.middleware.dispatcher import DispatcherMiddleware
    from werkzeug.serving import make_server

    def nothing(environ, start_response):
        start_response("404 Not Found", [])
        return []

    server = make_server("127.0.0.1", 0, DispatcherMiddleware(nothing, apps), threaded=True)
    print(f"port {server.port}", flush=True)
    server.serve_forever()
else:
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()
    for path, scoring in apps.items():
        app.mount(path, scoring)
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    bound.listen(128)
    print(f"port {bound.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[bound])
