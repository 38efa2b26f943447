"""The one table of cases: every family's list, with names that are unique."""
import importlib
import pathlib

CASES = [case for file in sorted((pathlib.Path(__file__).resolve().parent / "families").glob("*.py"))
         for case in importlib.import_module(f"families.{file.stem}").CASES]
assert len({case.name for case in CASES}) == len(CASES), "two cases of one name"
