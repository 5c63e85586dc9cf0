"""Prints what `sam local` gives to each function: resource -> variable -> value. Argument: a file for --env-vars, or none."""

import json
import sys

from samcli.commands.local.lib.local_lambda import LocalLambdaRunner
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

given = {}
if len(sys.argv) > 1:
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
stacks, _ = SamLocalStackProvider.get_stacks("template.yaml")
functions = SamFunctionProvider(stacks, ignore_code_extraction_warnings=True)
runner = LocalLambdaRunner(None, functions, ".", None, None, env_vars_values=given)
print(json.dumps({f.name: runner._make_env_vars(f).resolve() for f in functions.get_all()}))
