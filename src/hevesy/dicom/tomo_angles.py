"""Angle, radius and time of each view of a tomographic NM object, as its header states them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.tomo_orbit import turned
from hevesy.dicom.tomo_stated import Stated
from hevesy.errors import DataError

START, STEP = "(0054,0200) Start Angle", "(0018,1144) Angular Step"
TURN, ARC = "(0018,1140) Rotation Direction", "(0018,1143) Scan Arc"
RADIUS, LASTING = "(0018,1142) Radial Position", "(0018,1242) Actual Frame Duration"
SAME = 0.5  # degrees
# Plausible radii [mm]: less is centimetres, more is no camera. Plausible durations of a view [s].
RADII, DURATIONS = (60.0, 700.0), (0.2, 1800.0)
LONGEST = 2 * 3600.0  # s: nobody lies still for longer
WORDS = {"CW": "CW", "CC": "CC", "CCW": "CC"}
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Swept:
    """One rotation of one detector as its header states it.

    Attributes
    ----------
    detector, rotation : int            From 1.
    angles, radii, starts : ndarray     Of each view [degrees], [mm], since the start of the rotation [s].
    duration : float                    Of a view, all gates together [s].
    step : float                        [degrees].
    """

    detector: int
    rotation: int
    angles: Vector
    radii: Vector
    starts: Vector
    duration: float
    step: float


def swept(
    ds: Dataset, sizes: dict[tuple[int, int], int], name: str, stated: Stated, remarks: list[str], *, by_detector: bool = False
) -> tuple[Swept, ...]:
    """All sweeps; ``sizes`` holds the number of views by (detector, rotation).

    Where ``by_detector``, the items of (0054,0052) are one a detector, of a single rotation.

    Raises
    ------
    DataError
        An angle, a step, a direction, a radius or a duration is missing, implausible or contradictory; the tag is named.
    """
    detectors = list(ds.get("DetectorInformationSequence") or [])
    rotations = list(ds.get("RotationInformationSequence") or [])
    several = max(detector for detector, _ in sizes)
    if stated.start_angles and len(stated.start_angles) != several:
        raise DataError(f"{name}: {len(stated.start_angles)} start angles are stated for {several} detectors. State one each.")
    made = []
    for (detector, rotation), views in sorted(sizes.items()):
        head = detectors[detector - 1] if detector <= len(detectors) else Dataset()
        turns = rotations[detector - 1 : detector] if by_detector else rotations
        turn = turns[min(rotation, len(turns)) - 1] if turns else Dataset()
        where = f"{name}: detector {detector}" + (f", rotation {rotation}" if len(turns) > 1 else "")
        sign, step = _stepping(turn, where, stated, remarks)
        _check_arc(turn, views, several, step, where=where, stated=stated, remarks=remarks)
        heads = 1 if by_detector else several
        begin = _start(head, turn, detector, turns, heads, where=where, stated=stated, remarks=remarks)
        duration = _duration(turn, views, where, stated)
        pause = (headers.number(turn.get("PauseBetweenFrames")) or 0.0) / 1000.0
        mine = {key: size for key, size in sizes.items() if key[0] == detector} if by_detector else sizes
        radii = _radii(head, turn, _Place(detector=detector, rotation=rotation, sizes=mine), where=where, stated=stated)
        k = np.arange(views, dtype=np.float64)
        made.append(
            Swept(
                detector=detector, rotation=rotation, angles=(begin + sign * step * k) % 360.0, radii=radii,
                starts=k * (duration + pause), duration=duration, step=step,
            )
        )  # fmt: skip
    if any(_number(turn, "PauseBetweenFrames") is None for turn in rotations or [Dataset()]):
        remarks.append(
            "the header does not say how long the head moves between views; they are taken as following without a pause."
        )
    return tuple(made)


def _number(item: Dataset, keyword: str) -> float | None:
    return headers.number(item.get(keyword))


def _stepping(turn: Dataset, where: str, stated: Stated, remarks: list[str]) -> tuple[int, float]:
    word = str(turn.get("RotationDirection") or "").strip().upper()
    said = stated.direction or WORDS.get(word, "")
    if not said:
        raise DataError(
            f"{where}: {TURN} is {word or 'missing'!r}; allowed are CW and CC. Which way the head turned changes the image: "
            "state "
            "direction under [acquisition]."
        )
    if not stated.direction and word == "CCW":
        remarks.append(f"{TURN} is CCW, which DICOM does not know; read as CC, increasing angle.")
    step = stated.step if stated.step is not None else _number(turn, "AngularStep")
    if not step:
        raise DataError(f"{where}: {STEP} is {'missing' if step is None else 'zero'}. State step_deg under [acquisition].")
    if step < 0:
        if said == "CC":
            raise DataError(
                f"{where}: {STEP} is {step:g} although {TURN} says CC, increasing angle; one of them is wrong. State "
                "direction and "
                "step_deg under [acquisition]."
            )
        remarks.append(f"{STEP} is {step:g}; it should be positive. {TURN} says the same, CW.")
    return (1 if said == "CC" else -1), abs(step)


def _check_arc(turn: Dataset, views: int, detectors: int, step: float, *, where: str, stated: Stated, remarks: list[str]) -> None:
    arc, count = _number(turn, "ScanArc"), _number(turn, "NumberOfFramesInRotation")
    if count is not None and int(count) not in (views, views * detectors):
        said = f"(0054,0053) Number of Frames in Rotation is {count:g}, but there are {views} views"
        if "views" not in stated.accept:
            raise DataError(
                f"{where}: {said}. Views are missing, or the file was put together from several. Export it again, whole, or "
                'state accept = ["views"] under [acquisition] where all views are there.'
            )
        remarks.append(f"{said}, accepted as stated.")
    if arc is None or views < 2 or "arc" in stated.accept or stated.step is not None:
        return
    # Some count the arc between first and last view, some over all detectors.
    fits = [abs(arc - step * (views - less) * times) <= SAME + 0.02 * step * views for less in (0, 1) for times in (1, detectors)]
    if not any(fits):
        raise DataError(
            f"{where}: {views} views in steps of {step:g} degrees ({STEP}) cover {views * step:g} degrees, but {ARC} is "
            f"{arc:g}; one of "
            'them is wrong. State step_deg under [acquisition], or accept = ["arc"] where the step is right.'
        )
    if not fits[0]:
        remarks.append(
            f"{ARC} is {arc:g} for {views} views of {detectors} detectors in steps of {step:g} degrees; the step was followed."
        )


def _start(
    head: Dataset,
    turn: Dataset,
    detector: int,
    rotations: list[Dataset],
    detectors: int,
    *,
    where: str,
    stated: Stated,
    remarks: list[str],
) -> float:
    """The detector's own start angle; that of the rotation where there is one detector, or where it says more."""
    own, of_turn = _number(head, "StartAngle"), _number(turn, "StartAngle")
    first = _number(rotations[0], "StartAngle") if rotations else None
    later = 0.0 if of_turn is None or first is None else of_turn - first
    if stated.start_angles:
        return stated.start_angles[detector - 1] + later
    if own is None and (of_turn is None or detectors > 1):
        said = "is missing" if of_turn is None else f"is given once, {of_turn:g}, for {detectors} detectors"
        raise DataError(
            f"{where}: {START} {said}. Where each head began changes the image: state start_angle_deg under [acquisition], "
            "one a detector."
        )
    if own is None:
        return float(of_turn or 0.0)
    if detectors == 1 and first is not None and abs(float(turned(own - first))) > SAME:
        raise DataError(
            f"{where}: {START} is {own:g} in (0054,0022) Detector Information and {first:g} in (0054,0052) Rotation "
            "Information. State "
            "start_angle_deg under [acquisition]."
        )
    if detectors > 1 and detector == 1 and first is not None and abs(float(turned(own - first))) > SAME:
        remarks.append(
            f"{START} of the rotation, {first:g}, is not that of detector 1, {own:g}; each detector's own was followed."
        )
    return own + later


def _duration(turn: Dataset, views: int, where: str, stated: Stated) -> float:
    if stated.view_duration is not None:
        return stated.view_duration
    milliseconds = _number(turn, "ActualFrameDuration")
    if not milliseconds:
        raise DataError(f"{where}: {LASTING} is missing: how long a view took. State view_duration_s under [acquisition].")
    if not DURATIONS[0] <= milliseconds / 1000.0 <= DURATIONS[1]:
        raise DataError(
            f"{where}: {LASTING} is {milliseconds:g}, in ms; a view takes {DURATIONS[0]:g} to {DURATIONS[1]:g} s. State "
            "view_duration_s "
            "under [acquisition]."
        )
    if milliseconds * views / 1000.0 >= LONGEST:
        raise DataError(
            f"{where}: {LASTING} is {milliseconds:g}, in ms; {views} views of it take {milliseconds * views / 3.6e6:.1f} h. "
            "Is it that of the whole rotation? State view_duration_s under [acquisition]."
        )
    return milliseconds / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Which part of a list of radii is meant; ``sizes`` as in `swept`."""

    detector: int
    rotation: int
    sizes: dict[tuple[int, int], int]


def _radii(head: Dataset, turn: Dataset, place: _Place, *, where: str, stated: Stated) -> Vector:
    """One value, one a view, or one a view of all rotations (in the detector's item) or all detectors (in the rotation's)."""
    views = place.sizes[place.detector, place.rotation]
    if stated.radius is not None:
        return np.full(views, stated.radius)
    for item, of_head in ((head, True), (turn, False)):
        values = np.atleast_1d(np.asarray([headers.number(v) for v in _listed(item.get("RadialPosition"))], dtype=np.float64))
        if values.size == 0:
            continue
        if np.any(~np.isfinite(values)) or values.min() < RADII[0] or values.max() > RADII[1]:
            hint = "; centimetres?" if values.min() >= 6 and values.max() < RADII[0] else ""
            raise DataError(
                f"{where}: {RADIUS} holds {values.min():g} to {values.max():g}, in mm{hint}; allowed are {RADII[0]:g} to "
                f"{RADII[1]:g}. "
                "State radius_mm under [acquisition]."
            )
        if values.size == 1:
            return np.full(views, float(values[0]))
        others = [(d, r) for d, r in sorted(place.sizes) if (d == place.detector if of_head else r == place.rotation)]
        if values.size == views:
            return values
        if values.size == sum(place.sizes[key] for key in others):
            before = sum(place.sizes[key] for key in others if key < (place.detector, place.rotation))
            return values[before : before + views]
        raise DataError(
            f"{where}: {RADIUS} has {values.size} values for {views} views. State radius_mm under [acquisition], or export "
            "the file again."
        )
    raise DataError(
        f"{where}: {RADIUS} is missing: how far the collimator was from the axis, which the resolution depends on. State "
        "radius_mm under "
        "[acquisition]."
    )


def _listed(value: object) -> list[object]:
    if value is None or value == "":
        return []
    return [value] if isinstance(value, (int, float, str)) else list(value)  # type: ignore[call-overload]
