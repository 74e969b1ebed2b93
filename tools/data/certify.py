"""Write a table and the certificate that vouches for its content."""

import hashlib
import json
from pathlib import Path


def write_table(folder: Path, name: str, content: str, certificate: dict[str, str], *, made_by: str) -> None:
    """``<name>.csv`` with ``content`` and ``<name>.toml`` with ``certificate``, script and SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8")
    folder.joinpath(f"{name}.csv").write_bytes(data)
    entries = certificate | {"made_by": f"tools/data/{made_by}", "sha256": hashlib.sha256(data).hexdigest()}
    # A JSON string of plain text is a TOML string.
    text = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entries.items())
    folder.joinpath(f"{name}.toml").write_text(text, "utf-8", newline="\n")
    print(f"{folder / name}.csv: {content.count(chr(10)) - 1} rows")
