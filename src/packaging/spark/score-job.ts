// The PySpark job as text: a plan in front of a program that is the same for all.
import type { SparkPlan } from "./spark-plan.ts";

export function scoreJob(plan: SparkPlan): string {
  const { platform: _, ...facts } = plan;
  return program.replace("@PLAN@", () => JSON.stringify(JSON.stringify(facts)));
}

const program: string =
  String.raw`"""Scores Parquet files on Apache Spark. Written by trimaran package; see SPARK.md beside it."""
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
        command = [os.path.join(root, "bin", "node"), launcher, "score", target, "--arrow-stdio", "--json"]
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


def list_files(spark, urls):
    """Files by the key of their path, with the name below the fixed part of the pattern and what their folders say."""
    jvm, hadoop = spark._jvm, spark._jsc.hadoopConfiguration()
    files = {}
    for url in urls:
        url = re.sub(r"^s3://", "s3a://", url) if hadoop.get("fs.s3.impl") is None else url
        path = jvm.org.apache.hadoop.fs.Path(url)
        fs = path.getFileSystem(hadoop)
        is_pattern = re.search(r"[*?\[{]", url) is not None
        found = []
        if is_pattern:
            found = [status for status in (fs.globStatus(path) or []) if status.isFile()]
            steps = url.split("/")
            first = next(at for at, step in enumerate(steps) if re.search(r"[*?\[{]", step))
            fixed = fs.makeQualified(jvm.org.apache.hadoop.fs.Path("/".join(steps[:first]) or ("/" if url.startswith("/") else ".")))
        elif fs.exists(path):
            status = fs.getFileStatus(path)
            if status.isFile():
                found, fixed = [status], status.getPath().getParent()
            else:
                fixed, every = fs.makeQualified(path), fs.listFiles(path, True)
                while every.hasNext():
                    each = every.next()
                    if re.search(r"\.(parquet|pq)$", each.getPath().getName(), re.I):
                        found.append(each)
        base = path_key(fixed.toString()) if found else ""
        before = len(files)
        for status in found:
            whole = status.getPath().toString()
            key = path_key(whole)
            below = key[len(base):].lstrip("/")
            if any(step[:1] in "_." for step in below.split("/")):
                continue
            if not re.search(r"\.(parquet|pq)$", below, re.I):
                raise Refused("Spark reads Parquet here, and %s is none; score it without --engine, or convert it" % whole)
            hive = dict(re.match(r"^([A-Za-z_][\w-]*)=(.*)$", step).groups()
                        for step in key.split("/")[:-1] if re.match(r"^([A-Za-z_][\w-]*)=(.*)$", step))
            files[key] = {"uri": whole, "name": re.sub(r"\.[a-z]+$", "", below, flags=re.I), "size": status.getLen(),
                          "modified": status.getModificationTime(), "hive": {k: unquote(v) for k, v in hive.items()}}
        if len(files) == before:
            raise Refused("there is no input: nothing matches " + url)
    names = [each["name"] for each in files.values()]
    if len(set(names)) < len(names):
        raise Refused("two inputs have the same name below their patterns; name them by one pattern above both")
    return files


def hive_columns(files, own):
    common = set.intersection(*(set(each["hive"]) for each in files.values()))
    wholes = {name for name in common if all(re.match(r"^\d{1,18}$", each["hive"][name]) for each in files.values())}
    return [(name, "int" if name in wholes else "text") for name in sorted(common) if name not in own]


def is_needed(column):
    if PLAN["columns"] is None or re.search(r"columns\s*\(|\(\s*\*\s*\)|lambda|->", PLAN["sql"], re.I):
        return True
    return column.lower() in [each.lower() for each in PLAN["columns"]] or column.lower() in PLAN["sql"].lower()


def over(limit, rejected, rows):
    if limit is None:
        return False
    share = re.match(r"^(\d+(?:\.\d+)?)\s*%$", limit)
    return rejected > (float(share.group(1)) / 100 * rows if share else int(limit))


def run(spark, args):
    import pyarrow as pa
    from pyspark.sql import functions as F
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
    from pyspark.sql.types import BooleanType, StringType, StructField, StructType

    started = datetime.datetime.now(datetime.timezone.utc)
    settings = {
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.maxConcurrentOutputFileWriters": "4",
        # Steps such as year=2021 are read by us, as without Spark.
        "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
        "spark.sql.files.ignoreCorruptFiles": "false",
        "spark.sql.files.ignoreMissingFiles": "false",
    }
    for key, value in settings.items():
        spark.conf.set(key, value)
    files = list_files(spark, args.input)
    paths = [each["uri"] for each in files.values()]
    table = spark.read.option("recursiveFileLookup", "true").parquet(*paths)
    read = table.count()
    columns = [F.col("\`%s\`" % name.replace("\`", "\`\`")) for name in table.columns if is_needed(name)]
    numbered = table.select(
        F.col("_metadata.file_path").alias(FILE), F.col("_metadata.row_index").alias(ROW), *columns
    )
    hive = [(name, kind) for name, kind in hive_columns(files, table.columns) if is_needed(name)]
    options = [] if args.period is None else ["--period", args.period]
    sent = to_arrow_schema(numbered.schema, timezone="UTC") if "timezone" in to_arrow_schema.__code__.co_varnames else to_arrow_schema(numbered.schema)
    for name, kind in hive:
        sent = sent.append(pa.field(name, pa.int64() if kind == "int" else pa.string()))
    answered = Child(sent, options).schema()
    output = from_arrow_schema(pa.schema(list(answered)[:-1]), prefer_timestamp_ntz=True)
    texts = [at for at, field in enumerate(output.fields) if isinstance(field.dataType, StringType)]
    carrier = texts[0] if texts else None
    extra = [] if texts else [StructField(REJECT, StringType(), True)]
    made = StructType(output.fields + extra + [StructField(REJECTED, BooleanType(), True)])

    jvm, hadoop = spark._jvm, spark._jsc.hadoopConfiguration()
    target = re.sub(r"^s3://", "s3a://", args.output) if hadoop.get("fs.s3.impl") is None else args.output
    place = jvm.org.apache.hadoop.fs.Path(target)
    fs = place.getFileSystem(hadoop)
    ours = jvm.org.apache.hadoop.fs.Path(place, "_trimaran")
    staging = jvm.org.apache.hadoop.fs.Path(ours, "staging-" + re.sub(r"\W", "-", spark.sparkContext.applicationId))
    below = lambda folder, name: jvm.org.apache.hadoop.fs.Path(folder, name)
    filtered = spark.sparkContext.accumulator(0)
    function = scorer({key: {"name": each["name"], "hive": each["hive"]} for key, each in files.items()}, hive, options, carrier, filtered)
    whole = below(staging, "whole")
    try:
        scored = numbered.mapInArrow(function, made)
        scored.write.mode("overwrite").partitionBy(REJECTED).option("compression", "snappy").parquet(whole.toString())
        sound, bad = below(whole, REJECTED + "=false"), below(whole, REJECTED + "=true")
        count = lambda folder: spark.read.parquet(folder.toString()).count() if fs.exists(folder) else 0
        written, rejected = count(sound), count(bad)
        if read != written + rejected + filtered.value:
            raise RuntimeError("%d rows were read, but %d written, %d rejected and %d left out" % (read, written, rejected, filtered.value))
        now = list_files(spark, args.input)
        if now != files:
            raise RuntimeError("an input changed while it was read; nothing was published")
        told = output.fieldNames()[carrier] if texts else REJECT
        rejects = below(ours, "_rejects")
        fs.delete(rejects, True)
        if rejected > 0:
            lines = spark.read.parquet(bad.toString()).select(F.col("\`%s\`" % told).alias("value"))
            lines.coalesce(1).write.text(rejects.toString())
        if over(args.max_rejects, rejected, written + rejected):
            raise Refused("BATCH_REJECTS: %d of %d rows were rejected; --max-rejects allows %s. Nothing was published; the rows lie in %s"
                          % (rejected, written + rejected, args.max_rejects, rejects.toString()))
        if written == 0 or not texts:
            rows = spark.read.parquet(sound.toString()).drop(REJECT) if written > 0 else spark.createDataFrame([], output).coalesce(1)
            sound = below(staging, "sound")
            rows.write.mode("overwrite").parquet(sound.toString())
        parts = publish(fs, jvm, place, ours, sound)
        manifest = {
            "format": "trimaran-spark/1", "deployment": PLAN["name"], "period": args.period,
            "inputs": sorted(({key: each[key] for key in ("uri", "name", "size", "modified")} for each in files.values()), key=lambda each: each["name"]),
            "models": PLAN["models"], "definition_digest": PLAN["definitionDigest"],
            "rows": {"read": read, "filtered": filtered.value, "rejected": rejected, "written": written},
            "outputs": parts, "engine": {"trimaran": PLAN["trimaran"], "spark": spark.version},
            "times": {"started": started.isoformat(), "finished": datetime.datetime.now(datetime.timezone.utc).isoformat()},
        }
        for folder, name, text in ((ours, "manifest.json", json.dumps(manifest, indent=2) + "\n"), (place, "_SUCCESS", "")):
            stream = fs.create(below(folder, name), True)
            stream.write(bytearray(text.encode()))
            stream.close()
    finally:
        fs.delete(staging, True)
    return {"output": args.output, "rows": manifest["rows"], "engine": "spark", "files": len(parts)}


def publish(fs, jvm, place, ours, sound):
    """New files take the place of the old ones; _SUCCESS and the manifest are away meanwhile."""
    Path = jvm.org.apache.hadoop.fs.Path
    for marker in (Path(place, "_SUCCESS"), Path(ours, "manifest.json")):
        fs.delete(marker, False)
    for old in fs.listStatus(place):
        if old.isFile() and old.getPath().getName()[:1] not in "_.":
            fs.delete(old.getPath(), False)
    parts = []
    for new in fs.listStatus(sound):
        name = new.getPath().getName()
        if name[:1] in "_.":
            continue
        if not fs.rename(new.getPath(), Path(place, name)):
            raise RuntimeError("%s cannot be put into %s" % (name, place.toString()))
        parts.append({"file": name, "bytes": new.getLen()})
    return sorted(parts, key=lambda part: part["file"])


def main():
    parser = argparse.ArgumentParser(description="Scores Parquet files on Apache Spark.")
    parser.add_argument("--input", action="append", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--period")
    parser.add_argument("--max-rejects")
    args = parser.parse_args()
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("trimaran score " + PLAN["name"]).getOrCreate()
    try:
        result = run(spark, args)
    except Refused as refusal:
        print("trimaran: %s" % refusal, file=sys.stderr)
        sys.exit(3)
    finally:
        drop_child()
        spark.stop()
    print("trimaran-result " + json.dumps(result))


if __name__ == "__main__":
    main()
`.replaceAll("\\`", "`");
