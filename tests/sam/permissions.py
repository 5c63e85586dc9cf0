"""Prints what CloudFormation needs for each of these resource types, by its own schemas: type -> actions.

Arguments: the types. What only lists resources is left out: CloudFormation lists nothing when it deploys a stack.
"""

import json
import sys
from pathlib import Path

import cfnlint

wanted, found = set(sys.argv[1:]), {}
for file in (Path(cfnlint.__file__).parent / "data/schemas/resources").glob("*.json"):
    schema = json.loads(file.read_text(encoding="utf-8"))
    if schema.get("typeName") in wanted:
        handlers = (handler for name, handler in schema.get("handlers", {}).items() if name != "list")
        found.setdefault(schema["typeName"], []).extend(p for h in handlers for p in h.get("permissions", []))
print(json.dumps({kind: sorted(set(actions)) for kind, actions in found.items()}))
