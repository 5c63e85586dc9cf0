"""Prints template.yaml as CloudFormation sees it: after SAM's transform, with the parameters NAME=VALUE in place."""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samcli.yamlhelper import yaml_parse  # noqa: E402
from samtranslator.parser.parser import Parser  # noqa: E402
from samtranslator.translator.translator import Translator  # noqa: E402

with open("template.yaml", encoding="utf-8") as text:
    template = yaml_parse(text.read())
given = dict(pair.split("=", 1) for pair in sys.argv[1:])
parameters = {
    name: given.get(name, str(facts.get("Default", ""))) for name, facts in template["Parameters"].items()
}
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        # The transform takes only code that was uploaded.
        resource["Properties"]["CodeUri"] = "s3://bucket/key"
parameters |= {"AWS::Region": "us-east-1", "AWS::Partition": "aws"}
print(json.dumps(Translator({}, Parser()).translate(template, parameters)))
