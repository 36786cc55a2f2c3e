# SPDX-License-Identifier: Apache-2.0
"""The records that proto/README.md shows are accepted, and there is one of each kind."""

import json
import re

import intake_pb2 as pb
import jsonschema

from tests.support.http_door import HttpDoor, door_settings, give_token

KINDS = {field.name for field in pb.Record.DESCRIPTOR.oneofs_by_name["body"].fields}


def shown_requests(project_root):
    text = (project_root / "proto/README.md").read_text(encoding="utf-8")
    return re.findall(r"^```json\n(.*?)^```$", text, re.M | re.S)


def test_every_record_of_the_readme_is_accepted(system, project_root):
    system.key("garage", ["records", "erasure"])
    token = give_token(system, "garage")
    system.start("intake", **door_settings(system))
    door = HttpDoor(system, token)
    document = json.loads((project_root / "proto/openapi.json").read_text())
    batch = jsonschema.Draft4Validator({"$ref": "#/components/schemas/RecordBatch",
                                        "components": document["components"]})
    requests = shown_requests(project_root)
    kinds = set()
    for text in requests:
        records = json.loads(text)["records"]
        batch.validate({"records": records})
        reply = door.ask(text)
        assert reply.status == 200, reply.body
        assert [(one["key"], one["status"], one.get("text")) for one in reply.receipts] == [
            (one["key"], "RECEIPT_STATUS_ACCEPTED", None) for one in records]
        kinds.update(name for one in records for name in one if name in KINDS)
    assert kinds == KINDS
    # Sent again, they are what they were.
    for text in requests:
        assert {one["status"] for one in door.ask(text).receipts} == {"RECEIPT_STATUS_DUPLICATE"}
