# A SAM template, expanded by AWS's own translator and held against CloudFormation's schemas: prints each problem on a line.
import json
import os
import sys
from pathlib import Path

os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"

from cfnlint.api import lint_file
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoPolicies:
    def load(self):
        return {}


template, scratch = sys.argv[1:]
source = yaml_parse(Path(template).read_text())
# `sam package` would have put the archive there.
source["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/key"
expanded = Path(scratch) / "expanded.json"
expanded.write_text(json.dumps(transform(source, {}, NoPolicies())))
for problem in [*lint_file(Path(template)), *lint_file(expanded)]:
    print(problem)
