# SPDX-License-Identifier: Apache-2.0
"""The rules of CycloneDX 1.5 (ECMA-424) for the parts of it that we write, and what a schema cannot say."""

import jsonschema

TYPES = ["application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver", "firmware",
         "file", "machine-learning-model", "data"]
HASHES = {"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128}
REFERENCES = ["vcs", "issue-tracker", "website", "advisories", "bom", "distribution", "documentation", "license", "other"]
TEXT = {"type": "string", "minLength": 1}


def closed(required, **properties):
    """An object with these members and no other."""
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def rows(of):
    return {"type": "array", "uniqueItems": True, "items": of}


NAMED_VALUE = closed(["name", "value"], name=TEXT, value={"type": "string"})
LICENCE = {"oneOf": [closed(["id"], id=TEXT), closed(["name"], name=TEXT)]}
HASH = {"oneOf": [closed(["alg", "content"], alg={"const": name}, content={"type": "string", "pattern": f"^[0-9a-f]{{{digits}}}$"})
                  for name, digits in HASHES.items()]}
COMPONENT = closed(
    ["type", "name"], **{
        "bom-ref": TEXT, "type": {"enum": TYPES}, "name": TEXT, "version": TEXT,
        "purl": {"type": "string", "pattern": r"^pkg:[a-z]+/[^@\s]+@[^@\s?]+(\?[^\s]+)?$"},
        "supplier": closed(["name"], name=TEXT), "licenses": rows(closed(["license"], license=LICENCE)), "hashes": rows(HASH),
        "properties": rows(NAMED_VALUE),
        "externalReferences": rows(closed(["type", "url"], type={"enum": REFERENCES}, url={"type": "string", "pattern": "^https?://"})),
    })
BOM = closed(
    ["bomFormat", "specVersion", "version", "serialNumber", "metadata", "components", "dependencies"], **{
        "$schema": {"const": "http://cyclonedx.org/schema/bom-1.5.schema.json"}, "bomFormat": {"const": "CycloneDX"},
        "specVersion": {"const": "1.5"}, "version": {"type": "integer", "minimum": 1},
        "serialNumber": {"type": "string",
                         "pattern": "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
        "metadata": closed(["timestamp", "component"], component=COMPONENT,
                           timestamp={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                           tools=closed(["components"], components=rows(COMPONENT))),
        "components": {**rows(COMPONENT), "minItems": 1},
        "dependencies": rows(closed(["ref"], ref=TEXT, dependsOn=rows(TEXT))),
    })


def faults(bom):
    """What is wrong with it, a sentence each."""
    found = [f"{error.json_path}: {error.message}" for error in jsonschema.Draft7Validator(BOM).iter_errors(bom)]
    if found:
        return found
    refs = [one["bom-ref"] for one in [bom["metadata"]["component"], *bom["components"]] if "bom-ref" in one]
    found += [f"two are called {ref}" for ref in sorted({ref for ref in refs if refs.count(ref) > 1})]
    links = {row["ref"]: row.get("dependsOn", []) for row in bom["dependencies"]}
    if len(links) != len(bom["dependencies"]):
        found.append("dependencies of one component in two rows")
    named = {*links, *(ref for needed in links.values() for ref in needed)}
    found += [f"nothing is called {ref}" for ref in sorted(named - set(refs))]
    return found
