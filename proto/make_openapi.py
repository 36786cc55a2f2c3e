#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes proto/openapi.json from intake.proto: the HTTP door, POST /v1/records, as OpenAPI 3.0.

    python3 proto/make_openapi.py            writes the file
    python3 proto/make_openapi.py --check    says whether it is up to date

Messages, fields, values and their explanations are those of the .proto; the codes are those of
proto/README.md. A test runs --check.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2

FOLDER = Path(__file__).resolve().parent
TARGET = FOLDER / "openapi.json"
PACKAGE = ".troth.v1."
RECORDS_MAX = 256

Field = descriptor_pb2.FieldDescriptorProto
INTEGERS_32 = {Field.TYPE_INT32, Field.TYPE_UINT32, Field.TYPE_SINT32}
INTEGERS_64 = {Field.TYPE_INT64, Field.TYPE_UINT64, Field.TYPE_SINT64}
REALS = {Field.TYPE_DOUBLE, Field.TYPE_FLOAT}
# Where the numbers of a descriptor's parts stand in the paths of comments (descriptor.proto).
MESSAGES, ENUMS, FIELDS, VALUES = 4, 5, 2, 2

TITLE = "Troth: records over HTTP"
ABOUT = """Sources that do not speak ZeroMQ post their records here and get a receipt for each, in the order of the records.

A receipt that says accepted or duplicate was written after COMMIT: the sender may forget the record. No answer, or
`retry`: post the same key with the same body again; nothing happens twice. One bad record never harms its neighbours.

Bodies are the protobuf JSON mapping. Besides what this file says the door reads names in lowerCamelCase, null for a field that is
not set, and numbers and booleans as texts. Integers of 64 bits may be numbers or texts; times (`..._us`) also RFC 3339. A field that
is not known is refused. TLS is the task of a reverse proxy."""


def load():
    """The descriptors of intake.proto with their comments."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", f"--proto_path={FOLDER}", "--include_source_info",
                        f"--descriptor_set_out={out.name}", "intake.proto"], check=True)
        (one,) = descriptor_pb2.FileDescriptorSet.FromString(Path(out.name).read_bytes()).file
    return one


class Comments:
    """What the .proto says about each of its parts."""

    def __init__(self, file):
        self._texts = {}
        for place in file.source_code_info.location:
            text = " ".join((place.leading_comments + " " + place.trailing_comments).split())
            if text:
                self._texts[tuple(place.path)] = text

    def add(self, schema, *path):
        if path in self._texts:
            schema["description"] = self._texts[path]
        return schema


def short_name(enum, value):
    """complaint, of CONTACT_KIND_COMPLAINT."""
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
    return value.name[len(prefix):].lower() if value.name.startswith(prefix) else value.name


class Maker:
    def __init__(self, file):
        self.file = file
        self.comments = Comments(file)
        self.messages = {m.name: (i, m) for i, m in enumerate(file.message_type)}
        self.enums = {e.name: (i, e) for i, e in enumerate(file.enum_type)}
        self.schemas = {}

    # ---- values

    def reference(self, name, is_input):
        """A schema of its own; input and output differ, because more is read than is written."""
        name = name[len(PACKAGE):]
        if name not in self.schemas:
            self.schemas[name] = None  # it is being made
            make = self.enum if name in self.enums else self.message
            self.schemas[name] = make(name, is_input)
        return {"$ref": f"#/components/schemas/{name}"}

    def value(self, field, is_input):
        if field.type in (Field.TYPE_MESSAGE, Field.TYPE_ENUM):
            return self.reference(field.type_name, is_input)
        if field.type == Field.TYPE_STRING:
            return {"type": "string"}
        if field.type == Field.TYPE_BYTES:
            return {"type": "string", "format": "byte"}
        if field.type == Field.TYPE_BOOL:
            return {"type": "boolean"}
        if field.type in REALS:
            return {"type": "number", "format": "double"}
        if field.type in INTEGERS_32:
            return {"type": "integer", "format": "int32"}
        assert field.type in INTEGERS_64, field.name
        number = {"type": "integer", "format": "int64"}
        ways = [number, {"type": "string", "pattern": "^-?[0-9]+$"}]
        if is_input and field.name.endswith("_us"):
            ways.append({"type": "string", "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-"})
        return {"oneOf": ways}

    def field(self, field, is_input, *path):
        schema = self.value(field, is_input)
        if field.label == Field.LABEL_REPEATED:
            schema = {"type": "array", "items": schema}
        described = self.comments.add({}, *path)
        if "$ref" in schema and described:  # beside a reference nothing counts in OpenAPI 3.0
            schema = {"allOf": [schema]}
        return {**schema, **described}

    # ---- messages and enums

    def enum(self, name, is_input):
        index, enum = self.enums[name]
        values = [v for v in enum.value if v.number != 0]  # UNSPECIFIED is never valid input
        names = [v.name for v in values]
        if is_input:
            names += [short_name(enum, v) for v in values]
            schema = {"oneOf": [{"type": "string", "enum": names},
                                {"type": "integer", "enum": [v.number for v in values]}]}
        else:
            schema = {"type": "string", "enum": names}
        self.comments.add(schema, ENUMS, index)
        notes = []
        for i, value in enumerate(enum.value):
            said = self.comments.add({}, ENUMS, index, VALUES, i).get("description")
            if said:
                notes.append(f"{value.name}: {said}")
        text = "\n".join([schema.pop("description", ""), *notes]).strip()
        return {**({"description": text} if text else {}), **schema}

    def message(self, name, is_input):
        index, message = self.messages[name]
        properties = {
            f.name: self.field(f, is_input, MESSAGES, index, FIELDS, i)
            for i, f in enumerate(message.field)
        }
        schema = {"type": "object", "additionalProperties": False, "properties": properties}
        bodies = [f.name for f in message.field if f.HasField("oneof_index")]
        if bodies:
            schema["oneOf"] = [{"required": [body]} for body in bodies]
        return self.comments.add(schema, MESSAGES, index)

    # ---- the whole

    def components(self):
        self.reference(PACKAGE + "RecordBatch", True)
        self.reference(PACKAGE + "ReceiptBatch", False)
        self.reference(PACKAGE + "RequestError", False)
        self.schemas["RecordBatch"]["required"] = ["records"]
        self.schemas["RecordBatch"]["properties"]["records"]["maxItems"] = RECORDS_MAX
        self.schemas["Record"]["required"] = ["key", "occurred_us"]
        self.schemas["Record"]["properties"]["key"].update({"minLength": 1, "maxLength": 64})
        self.schemas["ReceiptBatch"]["required"] = ["receipts"]
        self.schemas["Receipt"]["required"] = ["key", "status"]
        self.schemas["RequestError"]["required"] = ["code", "text"]
        for name, about in (("Receipt", "code"), ("RequestError", "code")):
            self.schemas[name]["properties"][about]["enum"] = codes()
        return self.schemas


def codes():
    """The table "## Codes" of README.md."""
    part = (FOLDER / "README.md").read_text().split("\n## Codes\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([a-z0-9_]+)` \|", part, re.M)


def error(text, **more):
    return {"description": text, "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/RequestError"}}}, **more}


def retry_header(text):
    return {"Retry-After": {"description": text, "schema": {"type": "integer", "minimum": 1}}}


def receipts(text, **more):
    return {"description": text, "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/ReceiptBatch"}}}, **more}


def answers():
    return {
        "200": receipts("One receipt for each record, in the order of the records. Look at each: "
                        "some may be rejected, and some may ask for another try."),
        "400": error("The body is no RecordBatch, or has too many records. Nothing was stored."),
        "401": error("No bearer token, or one that is not known (any more).", headers={
            "WWW-Authenticate": {"schema": {"type": "string"}}}),
        "403": error("The source has no right to send records."),
        "404": error("There is nothing at this path."),
        "405": error("The path has another method.", headers={
            "Allow": {"schema": {"type": "string"}}}),
        "411": error("Neither Content-Length nor chunks."),
        "413": error("More than 1 MiB."),
        "415": error("Not application/json, or with a Content-Encoding."),
        "503": {
            "description": "Nothing was stored: every receipt asks for another try, or the process"
                           " could not take the request. Post the same keys again.",
            "headers": retry_header("Seconds to wait."),
            "content": {"application/json": {"schema": {"oneOf": [
                {"$ref": "#/components/schemas/ReceiptBatch"},
                {"$ref": "#/components/schemas/RequestError"}]}}},
        },
    }


def document():
    schemas = Maker(load()).components()
    post = {
        "operationId": "postRecords",
        "summary": "Send up to 256 records",
        "security": [{"token": []}],
        "requestBody": {"required": True, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/RecordBatch"},
            "example": {"records": [{
                "key": "ticket-9000",
                "occurred_us": "2024-11-21T08:15:00Z",
                "contact": {"customer_ref": "4711", "kind": "complaint", "channel": "phone"}}]}}}},
        "responses": answers(),
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "version": "1", "description": ABOUT,
                 "license": {"name": "Apache-2.0"}},
        "paths": {"/v1/records": {"post": post}},
        "components": {
            "securitySchemes": {"token": {
                "type": "http", "scheme": "bearer",
                "description": "`troth key token NAME` makes it; it is shown once."}},
            "schemas": {name: schemas[name] for name in sorted(schemas)},
        },
    }


def main():
    text = json.dumps(document(), ensure_ascii=False, indent=1) + "\n"
    if sys.argv[1:] == ["--check"]:
        if not TARGET.exists() or TARGET.read_text() != text:
            print("proto/openapi.json is not up to date: run python3 proto/make_openapi.py",
                  file=sys.stderr)
            return 1
        return 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
