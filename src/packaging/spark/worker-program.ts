// The first part of the PySpark job: what runs in a worker, with the process of ours that it keeps.

export const workerProgram: string = `"""Scores Parquet files on Apache Spark. Written by trimaran package; see SPARK.md beside it."""
import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import types
from urllib.parse import unquote

PLAN = json.loads(@PLAN@)
FILE, ROW, REJECT, REJECTED = "__trimaran_file", "__trimaran_row", "__trimaran_reject", "__trimaran_rejected"
BATCH_ROWS = 65536


class Refused(Exception):
    """What is wrong with the job, for people."""


def archive_root():
    """Where Spark has unpacked our archive, on this machine."""
    from pyspark import SparkFiles

    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine())
    name = "trimaran-%s-%s" % (sys.platform.replace("win32", "win"), machine)
    places = [os.environ.get("TRIMARAN_SPARK_ARCHIVE", ""), "."]
    try:
        places.insert(1, SparkFiles.getRootDirectory())
    except Exception:
        pass  # A driver without a context of its own.
    for place in filter(None, places):
        for root in (os.path.join(place, name), place):
            if os.path.exists(os.path.join(root, "bin", "node")):
                return os.path.abspath(root)
    raise Refused("the archive %s.tar.gz is not here: give it by --archives %s.tar.gz#%s" % (name, name, name))


class Child:
    """One process of ours, with an Arrow stream to it and one from it. It ends when this process does: its input ends."""

    def __init__(self, schema, options):
        import pyarrow as pa

        root = archive_root()
        launcher = os.path.join(root, "node_modules", "trimaran", "bin", "trimaran")
        target = PLAN["target"]
        if not re.match(r"^[a-z][a-z0-9+.-]+:", target):
            target = os.path.join(root, "app", target)
        # Batches leave little behind: with the small heap that Node begins with half of its time went into looking for it.
        node = [os.path.join(root, "bin", "node"), "--initial-heap-size=256"]
        command = node + [launcher, "score", target, "--arrow-stdio", "--json"]
        command += PLAN["arguments"] + options
        own = {key: os.path.join(root, "app", value[16:]) if value.startswith("/app/deployment/") else value
               for key, value in PLAN["environment"].items()}
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.stderr, env={**os.environ, **own}
        )
        self.writer = pa.ipc.new_stream(self.process.stdin, schema)
        self.reader = None

    def ask(self, batch):
        import pyarrow as pa

        try:
            self.writer.write_batch(batch)
            self.process.stdin.flush()
            if self.reader is None:
                self.reader = pa.ipc.open_stream(self.process.stdout)
            answer = self.reader.read_next_batch()
        except (OSError, StopIteration, pa.ArrowException) as cause:
            raise RuntimeError("trimaran ended: " + self.last_words()) from cause
        if answer.num_rows != batch.num_rows:
            raise RuntimeError("%d rows went in, %d came out" % (batch.num_rows, answer.num_rows))
        return answer

    def schema(self):
        """Of the answers; ends the process."""
        import pyarrow as pa

        try:
            self.writer.close()
            self.process.stdin.close()
            return pa.ipc.open_stream(self.process.stdout).schema
        except (OSError, StopIteration, pa.ArrowException) as cause:
            raise Refused(self.last_words()) from cause
        finally:
            self.end()

    def last_words(self):
        self.process.kill()
        code = self.process.wait()
        self.stderr.seek(0, os.SEEK_END)
        self.stderr.seek(max(0, self.stderr.tell() - 8192))
        said = self.stderr.read().decode("utf-8", "replace").strip().splitlines()
        for line in reversed(said):
            try:
                error = json.loads(line)["error"]
                return "%s: %s Fix: %s" % (error["code"], error["message"], error["fix"])
            except (ValueError, KeyError, TypeError):
                continue
        return "exit code %d %s" % (code, " ".join(said[-3:]))

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.stderr.close()


def kept_child(schema, options):
    """Functions are unpickled for every task; the process is kept by the worker, under a module's name."""
    kept = sys.modules.setdefault("_trimaran_child", types.ModuleType("_trimaran_child"))
    key = (schema.serialize().to_pybytes(), tuple(options), json.dumps(PLAN))
    if getattr(kept, "key", None) != key:
        drop_child()
        kept.child = Child(schema, options)
        kept.key = key
    return kept.child


def drop_child():
    kept = sys.modules.get("_trimaran_child")
    child = getattr(kept, "child", None)
    if child is not None:
        kept.child = kept.key = None
        child.end()


def path_key(path):
    return re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*:/*", "", path).lstrip("/")


def named(batch, files, hive):
    """Paths become the names that ids are made of; what the folders say becomes columns."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at = batch.schema.get_field_index(FILE)
    codes = batch.column(at).dictionary_encode()
    known = []
    for path in codes.dictionary.to_pylist():
        key = path_key(path)
        known.append(files.get(key) or files[unquote(key)])
    columns = list(batch.columns)
    names = list(batch.schema.names)
    columns[at] = pc.take(pa.array([each["name"] for each in known], pa.string()), codes.indices)
    for name, kind in hive:
        values = [each["hive"][name] for each in known]
        own = pa.array([int(value) for value in values], pa.int64()) if kind == "int" else pa.array(values, pa.string())
        columns.append(pc.take(own, codes.indices))
        names.append(name)
    return pa.RecordBatch.from_arrays(columns, names=names)


def scorer(files, hive, options, carrier, filtered):
    """What every partition runs."""

    def score(batches):
        import pyarrow as pa
        import pyarrow.compute as pc

        left_out = 0
        for batch in batches:
            if batch.num_rows == 0:
                continue
            rows = named(batch, files, hive)
            try:
                answer = kept_child(rows.schema, options).ask(rows)
            except BaseException:
                drop_child()
                raise
            fate = answer.column(answer.num_columns - 1)
            columns = list(answer.columns)[:-1]
            names = list(answer.schema.names)[:-1]
            is_rejected = pc.is_valid(fate)
            if fate.null_count < len(fate):
                told = pc.fill_null(pc.not_equal(fate, ""), False)
                if carrier is None:
                    columns.append(pc.if_else(told, fate, pa.scalar(None, pa.string())))
                else:
                    columns[carrier] = pc.if_else(told, fate, columns[carrier])
                is_rejected = told
            elif carrier is None:
                columns.append(fate)
            if carrier is None:
                names.append(REJECT)
            made = pa.RecordBatch.from_arrays(columns + [is_rejected], names=names + [REJECTED])
            if fate.null_count < len(fate):
                keep = pc.fill_null(pc.not_equal(fate, ""), True)
                before = made.num_rows
                made = made.filter(keep)
                left_out += before - made.num_rows
            if made.num_rows > 0:
                yield made
        filtered.add(left_out)

    return score


`;
