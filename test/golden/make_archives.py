"""Record small compressed files, made by the real libraries, for test/formats/archive.

    python3.12 -m venv VENV && VENV/bin/pip install lz4==4.4.5 && VENV/bin/python test/golden/make_archives.py

Writes test/formats/archive/recorded/archives.json: {versions, files: [{codec, variant, payload, base64}]}. The payloads are
computed by the same rule here and in test/formats/archive/payloads.ts. zstd is the command-line tool.
"""
import base64, bz2, gzip, io, json, lzma, pathlib, platform, subprocess, sys, zipfile, zlib

import lz4.frame


def numbers(count, seed=1):
    for _ in range(count):
        seed = (seed * 1103515245 + 12345) % 2**31
        yield seed >> 16


WORDS = ["trip", "distance", "PU_DO", "=", "forest", "0.5", "\n", "leaf", "é", "longer than a word"]
PAYLOADS = {
    "empty": b"",
    "one": b"x",
    "noise": bytes(n & 255 for n in numbers(700)),
    "runs": b"\0" * 70_000 + b"ab" * 9000 + b"\xff" * 261,
    "text": "".join(WORDS[n % len(WORDS)] for n in numbers(2500)).encode(),
}


def gz(data, level=9):
    return gzip.compress(data, level, mtime=0)


def named_gz(data):
    out = io.BytesIO()
    with gzip.GzipFile("model.pkl", "wb", 3, out, mtime=1) as file:
        file.write(data)
    return out.getvalue()


def halves(pack, data):
    return pack(data[: len(data) // 2]) + pack(data[len(data) // 2:])


def raw(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def alone(data, **options):
    filters = [{"id": lzma.FILTER_LZMA1, **options}]
    return lzma.compress(data, lzma.FORMAT_ALONE, filters=filters)


def zstd(data, *options):
    return subprocess.run(["zstd", "-c", "-q", *options], input=data, stdout=subprocess.PIPE, check=True).stdout


def lz4f(data, **options):
    return lz4.frame.compress(data, **options)


CODECS = {
    "gzip": {"9": gz, "0": lambda d: gz(d, 0), "named": named_gz, "members": lambda d: halves(gz, d)},
    "zlib": {"1": lambda d: zlib.compress(d, 1), "3": lambda d: zlib.compress(d, 3), "9": lambda d: zlib.compress(d, 9)},
    "deflate": {"9": raw},
    "bz2": {"9": bz2.compress, "1": lambda d: bz2.compress(d, 1), "streams": lambda d: halves(bz2.compress, d)},
    "xz": {
        "6": lzma.compress,
        "0": lambda d: lzma.compress(d, preset=0),
        "crc32": lambda d: lzma.compress(d, check=lzma.CHECK_CRC32),
        "none": lambda d: lzma.compress(d, check=lzma.CHECK_NONE),
        "streams": lambda d: halves(lambda part: lzma.compress(part) + b"\0" * 4, d),
    },
    "lzma": {
        "6": lambda d: lzma.compress(d, lzma.FORMAT_ALONE),
        "lc0lp2pb0": lambda d: alone(d, preset=6, lc=0, lp=2, pb=0),
        "lc4pb4": lambda d: alone(d, preset=1, lc=4, lp=0, pb=4),
    },
    "lz4": {
        "linked": lz4f,
        "checked": lambda d: lz4f(d, content_checksum=True, block_checksum=True, compression_level=9),
        "independent": lambda d: lz4f(d, block_linked=False, store_size=False),
        "frames": lambda d: halves(lz4f, d),
    },
    "zstd": {
        "3": lambda d: zstd(d),
        "19": lambda d: zstd(d, "-19", "--no-check"),
        "frames": lambda d: halves(zstd, d),
    },
}


def zips():
    stored, packed, wide = io.BytesIO(), io.BytesIO(), io.BytesIO()
    for out, method in ((stored, zipfile.ZIP_STORED), (packed, zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, data in PAYLOADS.items():
                archive.writestr(zipfile.ZipInfo(f"folder/{name}"), data, method)
    with zipfile.ZipFile(wide, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(zipfile.ZipInfo("wide é"), "w", force_zip64=True) as member:
            member.write(PAYLOADS["text"])

    class Pipe(io.BytesIO):                                              # not seekable: sizes follow the content
        def seekable(self):
            return False

        def seek(self, *_):
            raise OSError("a pipe")

        def tell(self):
            raise OSError("a pipe")

    streamed = Pipe()
    with zipfile.ZipFile(streamed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("folder/text"), PAYLOADS["text"], zipfile.ZIP_DEFLATED)
    return {"stored": stored, "deflated": packed, "zip64": wide, "streamed": streamed}


def main():
    files = [
        {"codec": codec, "variant": variant, "payload": name, "base64": base64.b64encode(pack(data)).decode()}
        for codec, variants in CODECS.items()
        for variant, pack in variants.items()
        for name, data in PAYLOADS.items()
    ]
    archives = [{"variant": name, "base64": base64.b64encode(out.getvalue()).decode()} for name, out in zips().items()]
    tool = subprocess.run(["zstd", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    versions = {"python": platform.python_version(), "zlib": zlib.ZLIB_VERSION, "lz4": lz4.VERSION, "zstd": tool.split("v")[-1].split(",")[0]}
    target = pathlib.Path(__file__).parents[1] / "formats/archive/recorded/archives.json"
    target.write_text(json.dumps({"versions": versions, "files": files, "zips": archives}, indent=1) + "\n")
    print(len(files), "files,", target.stat().st_size, "bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
