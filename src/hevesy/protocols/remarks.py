"""What a result must say beside its numbers: assumptions, scans, registrations."""

from hevesy.model import RegionResult, Remark, ScanResult
from hevesy.model.result import Level
from hevesy.protocols import budget, regions
from hevesy.protocols.alignment import AlignedPoint
from hevesy.protocols.case import DosimetryCase
from hevesy.quantify import total_activity
from hevesy.units import h


def scan_result(each: AlignedPoint) -> ScanResult:
    """A time point as it was used."""
    point, found = each.point, each.alignment
    return ScanResult(
        label=point.label,
        time=point.time,
        modality=point.modality,
        total_activity=total_activity(point.image),
        total_activity_resampled=total_activity(each.activity),
        stored_to_start=point.stored_to_start,
        correction=point.correction,
        has_ct=point.ct is not None,
        registration=each.method,
        translation=(0.0, 0.0, 0.0) if found is None else found.translation,
        rotation=(0.0, 0.0, 0.0) if found is None else found.rotation,
        similarity=None if found is None else found.similarity,
        similarity_before=None if found is None else found.similarity_before,
        duration=point.duration,
        corrections=point.corrections,
        series_uid=point.series_uid,
    )


def assumptions(case: DosimetryCase, *, has_ct: bool) -> tuple[Remark, ...]:
    """Every number that nobody stated."""
    c = case.choices
    texts = []
    if c.calibration_u is None:
        texts.append(f"u of the calibration: {budget.CALIBRATION_U:.0%}, common to all scans (calibration.u_percent)")
    if c.point_u is None:
        texts.append(f"u that differs from scan to scan: {regions.POINT_U:.0%} of each activity (dosimetry.point_u_percent)")
    if c.partial_volume != "none":
        texts.append(f"u of the correction for resolution: {budget.CORRECTION_U:.0%} of the correction")
    if c.resolution is None:
        texts.append(f"resolution of the emission images: {budget.RESOLUTION:g} mm FWHM, for u only (dosimetry.resolution_mm)")
    if c.registration_u is None and len(case.points) > 1:
        texts.append(
            f"u of a region's place on a scan it was not drawn on: {regions.REGISTRATION_U:g} mm (dosimetry.registration_u_mm)"
        )
    if c.density_u is None:
        u = budget.DENSITY_U_CT if has_ct else budget.DENSITY_U_NO_CT
        texts.append(f"u of mass density: {u:.0%} (dosimetry.density_u_percent)")
    if c.boundary_u is None:
        texts.append("u of a drawn boundary: from voxel size, and from resolution where there is no CT (Gear et al. 2018)")
    return tuple(Remark(level=Level.ASSUMED, text=text + ".") for text in texts)


def about_scans(case: DosimetryCase, aligned: tuple[AlignedPoint, ...], results: tuple[RegionResult, ...]) -> tuple[Remark, ...]:
    """Number and reach of the scans, and registrations that found nothing better."""
    out = []
    times = [each.point.time for each in aligned]
    if len(times) < 3:
        worst = max((r.fit.extrapolated_fraction for r in results), default=0.0)
        out.append(
            Remark(
                level=Level.WARNING,
                text=f"{len(times)} time point{'s' if len(times) > 1 else ''}, the last at {times[-1] / h:.1f} h: a "
                "curve through so few "
                f"cannot be checked against the data, and up to {100 * worst:.0f} % of an integral lies after the last scan.",
            )
        )
    for each in aligned:
        found = each.alignment
        if found is not None and found.similarity < found.similarity_before * 1.0001:
            out.append(
                Remark(
                    level=Level.NOTE, about=each.point.label,
                    text="registration found nothing better than the frames of reference; look at the fused pictures.",
                )
            )  # fmt: skip
        change = total_activity(each.activity) / max(total_activity(each.point.image), 1e-9) - 1
        if abs(change) > 0.02:
            out.append(
                Remark(
                    level=Level.WARNING, about=each.point.label,
                    text=f"resampling to the dose grid changed the activity in view by {100 * change:+.1f} %: part "
                    "of the scan lies outside it.",
                )
            )  # fmt: skip
    return tuple(out)
