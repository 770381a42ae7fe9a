"""A child that answers each batch with what a test wants to see answered."""

import json
import sys

for line in sys.stdin:
    batch = json.loads(json.loads(line)["train"])["batch"]
    if batch == 1:
        print("[1, 2]", flush=True)
    elif batch == 2:
        print("no JSON", flush=True)
    elif batch == 3:
        sys.exit(1)
    elif batch == 4:
        print('{"epoch": ', end="", flush=True)
        sys.exit(1)
    elif batch == 5:
        print(json.dumps({"problem": "no memory"}), flush=True)
    elif batch == 6:
        continue  # for ever, were there no limit
    elif batch == 7:
        print('{"epoch": null, "finishing": {}}', flush=True)
    else:
        print(json.dumps({"epoch": batch / 4, "finishing": batch / 8}), flush=True)
