"""Read a table of activities of many patients."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hevesy import units as un
from hevesy.app.columns import cells_of, text_of
from hevesy.errors import DataError
from hevesy.model import TimeActivityCurve

COLUMNS = {
    "patient": ("patient", "patient_id"),
    "region": ("region", "roi"),
    "time": ("time_h", "t_h"),
    "activity": ("activity_mbq",),
    "administered": ("administered_mbq",),
    "u": ("u_mbq",),
}
SHOWN = {
    "patient": "patient",
    "region": "region",
    "time": "time_h",
    "activity": "activity_MBq",
    "administered": "administered_MBq",
}
ALONE = ""  # the patient of a table without patients
MOST = 1.5  # share of administered activity that no noise explains
SLIP = 200.0  # factor between a patient and the others from which a wrong unit is the likely cause
FURTHEST = 35.0  # times decay constant: nothing is left to measure


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    patient: str
    region: str
    time: float  # h
    activity: float  # MBq
    administered: float | None  # MBq
    u: float | None  # MBq


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTable:
    """Rows of a table by patient and region; patients are never named in a message, their lines are."""

    file: str
    rows: dict[tuple[str, str], tuple[_Row, ...]]
    has_patients: bool

    @property
    def patients(self) -> list[str]:
        return list(dict.fromkeys(patient for patient, _ in self.rows))

    @property
    def regions(self) -> list[str]:
        return list(dict.fromkeys(region for _, region in self.rows))

    @property
    def points(self) -> int:
        return sum(len(rows) for rows in self.rows.values())

    def regions_of(self, patient: str) -> list[str]:
        """Regions of one patient."""
        return [region for who, region in self.rows if who == patient]

    def lines(self, patient: str, region: str) -> tuple[int, int]:
        """First and last line of a patient's region."""
        lines = [row.line for row in self.rows[patient, region]]
        return min(lines), max(lines)

    def curve(self, patient: str, region: str) -> tuple[TimeActivityCurve, float | None]:
        """One patient's curve of one region, and the administered activity [Bq]."""
        rows = self.rows[patient, region]
        known = [row.u for row in rows if row.u is not None]
        curve = TimeActivityCurve(
            region=region,
            t=np.array([row.time for row in rows]) * un.h,
            A=np.array([row.activity for row in rows]) * un.MBq,
            u=np.array(known) * un.MBq if len(known) == len(rows) else None,
        )
        given = rows[0].administered
        return curve, None if given is None else given * un.MBq

    def of_region(self, region: str) -> tuple[list[str], list[TimeActivityCurve], list[float]]:
        """Patients, their curves and administered activities [Bq] of one region."""
        patients = [patient for patient, name in self.rows if name == region]
        pairs = [self.curve(patient, region) for patient in patients]
        return patients, [curve for curve, _ in pairs], [given for _, given in pairs if given is not None]

    def check_times(self, decay_constant: float) -> None:
        """Refuse times at which nothing can be left."""
        for rows in self.rows.values():
            for row in rows:
                if decay_constant * row.time * un.h > FURTHEST:
                    raise DataError(
                        f"{self.file}, line {row.line}, column time_h: {row.time:g} h are "
                        f"{decay_constant * row.time * un.h / math.log(2):.0f} half-lives; nothing is left to measure then. "
                        "Times are in hours; check them and the nuclide."
                    )

    def check_shares(self) -> None:
        """Refuse activities that only a wrong unit explains: above what was administered, or far off the other patients."""
        for region in self.regions:
            levels = {}
            for (patient, name), rows in self.rows.items():
                if name != region:
                    continue
                shares = [row.activity / row.administered for row in rows if row.administered]
                worst = int(np.argmax(shares))
                if shares[worst] > MOST:
                    raise DataError(
                        f"{self.file}, line {rows[worst].line}, column activity_MBq: {rows[worst].activity:g} MBq are "
                        f"{shares[worst]:.3g} times the administered activity. Check the units of both columns: MBq."
                    )
                levels[patient] = float(np.median(np.log(shares)))
            self._check_levels(region, levels)

    def _check_levels(self, region: str, levels: dict[str, float]) -> None:
        if len(levels) < 5:
            return
        values = np.array(list(levels.values()))
        middle = float(np.median(values))
        spread = 1.4826 * float(np.median(np.abs(values - middle)))
        for patient, value in levels.items():
            if abs(value - middle) > max(math.log(SLIP), 5 * spread):
                first, last = self.lines(patient, region)
                raise DataError(
                    f"{self.file}, lines {first} to {last}: {region} holds {math.exp(value - middle):.2g} times the share of "
                    "administered activity that it does in the other patients. Check the units of both columns: MBq."
                )


def read_patients(path: Path, *, administered_needed: bool) -> PatientTable:
    """The table in ``path``; ``administered_needed`` for a cohort, which also needs the column patient."""
    lines = [
        (number, line)
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if line.strip(" \t,;") and not line.lstrip(' "').startswith("#")
    ]
    if len(lines) < 2:
        raise DataError(f"{path.name}: the table is empty. It needs a line of column names and a line a point.")
    number, header = lines[0]
    separator = next((mark for mark in ";\t" if mark in header), ",")
    names = cells_of(header, separator)
    needed = [what for what in SHOWN if administered_needed or what not in ("patient", "administered")]
    columns = _columns(path, number, names, needed)
    found: dict[tuple[str, str], list[_Row]] = {}
    for line, text in lines[1:]:
        cells = cells_of(text, separator)
        if any(cells[len(names) :]):
            raise DataError(
                f"{path.name}, line {line}: {len(cells)} values for {len(names)} columns. "
                "Where the decimal mark is a comma, separate the columns by semicolons."
            )
        row = _row(path, line, cells, columns, comma=separator != ",", needed=needed)
        found.setdefault((row.patient, row.region), []).append(row)
    _check_administered(path, found)
    rows = {key: _in_order(path, rows) for key, rows in found.items()}
    return PatientTable(file=path.name, rows=rows, has_patients="patient" in columns)


def _in_order(path: Path, rows: list[_Row]) -> tuple[_Row, ...]:
    ordered = sorted(rows, key=lambda row: row.time)
    for before, after in zip(ordered, ordered[1:], strict=False):
        if before.time == after.time:
            first, second = sorted((before.line, after.line))
            raise DataError(
                f"{path.name}, line {second}, column time_h: {after.region} has {after.time:g} h twice for one patient "
                f"(line {first}). Give each time once; cycles of one patient are patients of their own."
            )
    return tuple(ordered)


def _check_administered(path: Path, found: dict[tuple[str, str], list[_Row]]) -> None:
    first: dict[str, _Row] = {}
    for row in (row for rows in found.values() for row in rows):
        known = first.setdefault(row.patient, row)
        if row.administered != known.administered:
            raise DataError(
                f"{path.name}, line {row.line}, column administered_MBq: {row.administered} differs from {known.administered} on "
                f"line {known.line} of the same patient. Give one; cycles of one patient are patients of their own."
            )


def _row(path: Path, line: int, cells: list[str], columns: dict[str, tuple[int, str]], *, comma: bool, needed: list[str]) -> _Row:
    def cell(what: str) -> str:
        index = columns[what][0] if what in columns else len(cells)
        text = cells[index] if index < len(cells) else ""
        if not text and what in needed:
            raise DataError(f"{path.name}, line {line}, column {columns[what][1]}: it is empty. Fill it in or remove the line.")
        return text

    def number(what: str, *, least: float, above: bool = True) -> float | None:
        text = cell(what)
        if not text:
            return None
        where = f"{path.name}, line {line}, column {columns[what][1]}"
        try:
            value = float(text.replace(",", ".") if comma and "." not in text else text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise DataError(f"{where}: {text!r} is not a number. Write one in the unit of the column.")
        if value < least or (above and value == least):
            raise DataError(
                f"{where}: {text} must be {'above' if above else 'at least'} {least:g}. Correct it or remove the line."
            )
        return value

    time, activity = number("time", least=0.0, above=False), number("activity", least=0.0)
    return _Row(
        line=line,
        patient=cell("patient") if "patient" in columns else ALONE,
        region=cell("region"),
        time=0.0 if time is None else time,
        activity=0.0 if activity is None else activity,
        administered=number("administered", least=0.0),
        u=number("u", least=0.0),
    )


def _columns(path: Path, line: int, header: list[str], needed: list[str]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for index, name in enumerate(header):
        for what, names in COLUMNS.items():
            if name.lower() in names:
                if what in found:
                    raise DataError(f"{path.name}, line {line}: columns {found[what][1]} and {name} mean the same.")
                found[what] = (index, name)
    missing = [SHOWN[what] for what in needed if what not in found]
    if missing:
        raise DataError(
            f"{path.name}, line {line}: no column {', '.join(missing)}; found {', '.join(header)}. "
            f"The table needs {', '.join(SHOWN[what] for what in needed)}."
        )
    return found
