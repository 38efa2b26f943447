"""Makes the golden models and the numbers that the real Python libraries predict with them.

    python3 test/golden/make.py --env sk151            # one environment: its venv (made once), then all of its cases
    python3 test/golden/make.py --env sk151 --only gb  # the cases whose name contains "gb"
    python3 test/golden/make.py --all                  # every environment of pins.json
    python3 test/golden/make.py --check                # asks the stored files again and compares with what is recorded
    python3 test/golden/make.py --all --install-only   # venvs only, two at a time
    python3 test/golden/make.py --pythons              # whether every Python that the environments need is here

A venv stands in ${TRIMARAN_TEST_CACHE:-~/.cache/trimaran-tests}/<hash of its pins>/<name>. It is built beside its place
and renamed into it when whole, so that a killed installation leaves nothing that looks finished.
"""
import argparse
import concurrent.futures
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENTS = json.loads((HERE / "pins.json").read_text())["environments"]
CACHE = pathlib.Path(os.environ.get("TRIMARAN_TEST_CACHE") or pathlib.Path.home() / ".cache" / "trimaran-tests")
INSTALLS_AT_ONCE = 2
# By how an environment's name begins.
SCRIPTS = {"sk": "sklearn/record.py", "m": "mlflow/record_folders.py", "": "boosters/record_boosters.py"}
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT")}


def venv_of(name: str) -> pathlib.Path:
    pins = json.dumps(ENVIRONMENTS[name], sort_keys=True)
    return CACHE / hashlib.sha256(pins.encode()).hexdigest()[:16] / name


def find_python(version: str):
    """The path of a Python of that version, or None."""
    found = sorted((pathlib.Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    return str(found[-1]) if found else shutil.which(f"python{version}")


def python_of(version: str) -> str:
    python = find_python(version)
    if python is None:
        sys.exit(f"Python {version} is not here: neither under ~/.pyenv/versions nor on the PATH")
    return python


class Slot:
    """One of INSTALLS_AT_ONCE places, held across processes."""

    def __enter__(self):
        CACHE.mkdir(parents=True, exist_ok=True)
        while True:
            for number in range(INSTALLS_AT_ONCE):
                self.file = open(CACHE / f"install-{number}.lock", "w")
                try:
                    fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return self
                except OSError:
                    self.file.close()
            time.sleep(0.5)

    def __exit__(self, *_):
        self.file.close()


def install(name: str) -> pathlib.Path:
    """The venv's python; installs when the venv is not there yet."""
    venv = venv_of(name)
    if (venv / "bin" / "python").exists():
        return venv / "bin" / "python"
    with Slot():
        if (venv / "bin" / "python").exists():
            return venv / "bin" / "python"
        venv.parent.mkdir(parents=True, exist_ok=True)
        partial = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}.partial-", dir=venv.parent))
        try:
            subprocess.run([python_of(ENVIRONMENTS[name]["python"]), "-m", "venv", str(partial)], check=True)
            pip = [str(partial / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            subprocess.run([*pip, "--only-binary", ":all:", *ENVIRONMENTS[name]["pins"]], check=True)
            os.rename(partial, venv)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    print(f"{name}: installed", flush=True)
    return venv / "bin" / "python"


def record(name: str, options) -> int:
    python = install(name)
    if options.install_only:
        return 0
    script = HERE / next(path for prefix, path in SCRIPTS.items() if name.startswith(prefix))
    command = [str(python), str(script), "--env", name]
    if options.only:
        command += ["--only", options.only]
    if options.check:
        command += ["--check"]
    return subprocess.run(command, env={**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "0"}).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", action="append", choices=sorted(ENVIRONMENTS), help="repeatable")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", help="part of a case's name")
    parser.add_argument("--check", action="store_true", help="compare with what is stored, write nothing")
    parser.add_argument("--install-only", action="store_true")
    parser.add_argument("--pythons", action="store_true", help="say which Pythons are missing; exit code 1 when one is")
    options = parser.parse_args()
    if options.pythons:
        missing = sorted({each["python"] for each in ENVIRONMENTS.values() if find_python(each["python"]) is None})
        print(f"missing: Python {', '.join(missing)}" if missing else "every Python is here")
        return 1 if missing else 0
    names = options.env or (list(ENVIRONMENTS) if options.all or options.check else [])
    if not names:
        parser.error("say --env NAME or --all")
    with concurrent.futures.ThreadPoolExecutor(INSTALLS_AT_ONCE) as pool:
        codes = list(pool.map(lambda name: record(name, options), names))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
