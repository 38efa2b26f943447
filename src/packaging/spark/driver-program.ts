// The second part of the PySpark job: what the driver does. A backslash before a backtick is TypeScript's, not Python's.

export const driverProgram: string = String.raw`def list_files(spark, urls):
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
