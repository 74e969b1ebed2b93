"""Projections together with what their file says about patient, place and corrections."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hevesy.model import Administration, Patient, Projections


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawTomogram:
    """One bed position and gate of a tomographic NM object, as it was counted.

    Attributes
    ----------
    name : str                          Of the first file, as messages may say it: without a patient's name.
    projections : Projections           Its remarks hold all that is odd.
    paths : tuple of path               Files it came from; more than one where energy windows were stored apart.
    placed : bool                       Whether the header says where the axis of rotation lies in the patient.
    instances : tuple of str            SOP Instance UIDs of the files.
    series_uid, study_uid : str
    patient : Patient                   Without a name.
    administration : Administration or None
    half_life : float or None           (0018,1075) [s].
    gates : int                         Of the bed position.
    passage : int                       From 1: which bed positions and gates belong together.
    duration : float                    From the start of the first view to the end of the last, all gates together [s].
    view_duration : float               Of a view, all gates together [s].
    heads : int                         Number of detectors.
    corrections : tuple of str          (0028,0051).
    collimator_type : str               (0018,1181): "PARA", "PINH", ...; "" where it is not stated.
    manufacturer, description : str
    """

    name: str
    projections: Projections
    paths: tuple[Path, ...]
    placed: bool
    instances: tuple[str, ...]
    series_uid: str
    study_uid: str
    patient: Patient
    administration: Administration | None
    half_life: float | None
    gates: int
    duration: float
    view_duration: float
    heads: int
    corrections: tuple[str, ...] = ()
    collimator_type: str = ""
    passage: int = 1
    manufacturer: str = ""
    description: str = ""

    @property
    def start(self) -> datetime | None:
        """Of the acquisition of this bed position."""
        return self.projections.start
