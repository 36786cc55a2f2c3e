# SPDX-License-Identifier: Apache-2.0
"""proto/openapi.json says what the .proto says, no more and no less, and what the HTTP door does."""

import json
import re
import subprocess
import sys

import intake_pb2 as pb
import jsonschema
import pytest
from google.protobuf.descriptor import FieldDescriptor as Field

from tests.support.http_door import HttpDoor, door_settings, give_token, record_json
from tests.support.intake_client import answer, case_update, contact, profile, purchase

INTEGERS_32 = {Field.TYPE_INT32, Field.TYPE_UINT32, Field.TYPE_SINT32}
INTEGERS_64 = {Field.TYPE_INT64, Field.TYPE_UINT64, Field.TYPE_SINT64}


@pytest.fixture(scope="module")
def document(project_root):
    return json.loads((project_root / "proto/openapi.json").read_text())


@pytest.fixture(scope="module")
def schemas(document):
    return document["components"]["schemas"]


def validator(document, name):
    """OpenAPI 3.0 schemas without 'nullable' are those of JSON Schema, draft 4."""
    return jsonschema.Draft4Validator({"$ref": f"#/components/schemas/{name}",
                                       "components": document["components"]})


def is_valid(document, name, value):
    return validator(document, name).is_valid(value)


# ---- against the descriptors


def test_the_file_is_up_to_date(project_root):
    done = subprocess.run([sys.executable, project_root / "proto/make_openapi.py", "--check"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def reachable(*roots):
    """The messages and enums that these consist of."""
    messages, enums, new = {}, {}, list(roots)
    while new:
        message = new.pop()
        if message.name in messages:
            continue
        messages[message.name] = message
        for field in message.fields:
            if field.message_type is not None:
                new.append(field.message_type)
            if field.enum_type is not None:
                enums[field.enum_type.name] = field.enum_type
    return messages, enums


MESSAGES, ENUMS = reachable(pb.RecordBatch.DESCRIPTOR, pb.ReceiptBatch.DESCRIPTOR,
                            pb.RequestError.DESCRIPTOR)


def test_it_has_every_message_and_enum_and_nothing_else(schemas):
    assert set(schemas) == set(MESSAGES) | set(ENUMS)
    assert {"Record", "Receipt", "ReceiptStatus", "RequestError"} <= set(schemas)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_has_every_field_with_its_type_and_nothing_else(schemas, name):
    schema = schemas[name]
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {field.name for field in MESSAGES[name].fields}
    for field in MESSAGES[name].fields:
        check_field(schema["properties"][field.name], field)
    bodies = [field.name for oneof in MESSAGES[name].oneofs for field in oneof.fields]
    assert [one["required"] for one in schema.get("oneOf", [])] == [[one] for one in bodies]


def check_field(schema, field):
    if field.label == Field.LABEL_REPEATED:
        assert schema["type"] == "array"
        schema = schema["items"]
    if field.message_type is not None or field.enum_type is not None:
        named = (field.message_type or field.enum_type).name
        (schema,) = schema.get("allOf", [schema])
        assert schema == {"$ref": f"#/components/schemas/{named}"}
    elif field.type in INTEGERS_64:
        assert [one["type"] for one in schema["oneOf"]][:2] == ["integer", "string"]
    else:
        kinds = {Field.TYPE_STRING: "string", Field.TYPE_BYTES: "string", Field.TYPE_BOOL: "boolean",
                 Field.TYPE_DOUBLE: "number", Field.TYPE_FLOAT: "number",
                 **dict.fromkeys(INTEGERS_32, "integer")}
        assert schema["type"] == kinds[field.type]


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_an_enum_has_every_value_and_nothing_else(schemas, name):
    values = [value for value in ENUMS[name].values if value.number != 0]
    texts = schemas[name].get("enum") or schemas[name]["oneOf"][0]["enum"]
    assert texts[:len(values)] == [value.name for value in values]
    assert len(texts) in (len(values), 2 * len(values))
    if "oneOf" in schemas[name]:
        assert schemas[name]["oneOf"][1]["enum"] == [value.number for value in values]


def test_the_codes_are_those_of_intake(schemas, project_root):
    source = (project_root / "services/intake/intake_codes.c").read_text()
    codes = set(re.findall(r'^    \{"([a-z0-9_]+)",', source, re.M))
    for name in ("Receipt", "RequestError"):
        assert set(schemas[name]["properties"]["code"]["enum"]) == codes


def test_every_reference_leads_somewhere(document):
    text = json.dumps(document)
    for path in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
        at = document
        for part in path.split("/"):
            at = at[part]


# ---- against the door


def test_what_the_door_takes_and_answers_is_valid(document, system):
    system.key("garage", ["records"])
    token = give_token(system, "garage")
    system.start("intake", **door_settings(system))
    door = HttpDoor(system, token)
    example = document["paths"]["/v1/records"]["post"]["requestBody"]["content"]["application/json"]
    records = [record_json(one, in_snake_case=True) for one in (
        contact("li", kind="complaint", branch="north", body="刹车异响", case_ref="T-1"),
        profile("li", name="李雷", birthday="1984-02-29", consents=[{"purpose": 2, "is_given": True}]),
        purchase("li", 45_000, order_ref="o-1"),
        answer("csat", 5, customer_ref="li"),
        case_update("responded", customer_ref="li", case_ref="T-1"),
    )]
    records += example["example"]["records"]
    batch = validator(document, "RecordBatch")
    batch.validate({"records": records})
    batch.validate(example["example"])
    reply = door.post(records)
    assert reply.status == 200
    validator(document, "ReceiptBatch").validate(reply.json)
    assert {one["status"] for one in reply.receipts} == {"RECEIPT_STATUS_ACCEPTED"}

    bad = {"key": "k-2", "occurred_us": 1, "contact": {"colour": 1}}
    assert not is_valid(document, "Record", bad)
    reply = door.post([bad, "7"])
    validator(document, "ReceiptBatch").validate(reply.json)
    reply = door.ask("[]")
    assert str(reply.status) in document["paths"]["/v1/records"]["post"]["responses"]
    validator(document, "RequestError").validate(reply.json)
    reply = HttpDoor(system, "nobody").post([])
    assert reply.status == 401
    validator(document, "RequestError").validate(reply.json)


def test_every_value_it_allows_is_read(document, schemas, system):
    """Names, short names and numbers of each kind of contact; both spellings of a time."""
    system.key("garage", ["records"])
    token = give_token(system, "garage")
    system.start("intake", **door_settings(system))
    ways = [value for one in schemas["ContactKind"]["oneOf"] for value in one["enum"]]
    times = ["2024-11-21T08:15:00Z", 1_700_000_000_000_000, "1700000000000000"]
    records = [
        {"key": f"{i}-{j}", "occurred_us": at, "contact": {"customer_ref": "li", "kind": way}}
        for i, way in enumerate(ways) for j, at in enumerate(times)
    ]
    validator(document, "RecordBatch").validate({"records": records})
    statuses = {one["status"] for one in HttpDoor(system, token).post(records).receipts}
    assert statuses == {"RECEIPT_STATUS_ACCEPTED"}
