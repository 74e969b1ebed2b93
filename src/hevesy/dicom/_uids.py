"""UIDs that the same input always gives again."""

import uuid


def uid(*parts: object) -> str:
    """UID of whatever ``parts`` name: a name-based UUID as a number under 2.25 (DICOM PS3.5, annex B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, chr(31).join(str(p) for p in parts)).int}"
