"""What made a patient eligible, as `hevesy eligible` wrote it, for the report of a course."""

import json
from pathlib import Path
from typing import Any

from hevesy.errors import DataError, InputError

SCHEMA = "hevesy-eligible/1"
FIGURES = ("suv_max", "suv_mean", "suv_peak", "volume_ml")


def read_eligibility(path: Path) -> dict[str, Any]:
    """The part of an eligible.json that a course shows: verdict, rules, scores, and the figures of the lesions.

    Raises
    ------
    InputError
        The file cannot be read.
    DataError
        It is no eligible.json, or not a whole one.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}). Give the eligible.json of `hevesy eligible -o`.") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{path}: is no JSON: {error}. Give the eligible.json of `hevesy eligible -o`.") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise DataError(f"{path}: is no file of schema {SCHEMA}. Give the eligible.json of `hevesy eligible -o`.")
    try:
        return {
            key: data[key]
            for key in ("criteria", "title", "source", "verdict", "scan", "radiopharmaceutical", "unverified", "decision")
        } | {
            "rules": [
                {key: rule[key] for key in ("text", "verdict", "got", "threshold", "probability", "missing", "how")}
                for rule in data["rules"]
            ],
            "scores": {
                score["title"]: {name: lesion["score"] for name, lesion in score["lesions"].items()}
                for score in data["scores"].values()
            },
            "lesions": {
                name: {key: lesion[key] for key in FIGURES}
                | {"ratios": {organ: part["ratio"] for organ, part in data["ratios"].get(name, {}).items()}}
                for name, lesion in data["lesions"].items()
            },
            "tumour": {key: data["tumour"][key] for key in FIGURES},
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}: is not a whole eligible.json ({type(error).__name__}: {error}). Run `hevesy eligible` again."
        ) from error
