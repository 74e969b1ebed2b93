"""Activity that reaches the hospital from a cyclotron or a reactor."""

from typing import Any

from hevesy import units as un
from hevesy.app.quantities import quantity
from hevesy.nuclides import SOURCE, load_nuclide
from hevesy.supply.production import Batch, produced


def produce_facts(
    nuclide: str,
    saturation: str,
    irradiation: str,
    *,
    cooling: str = "0 h",
    processing: str = "0 h",
    chemical_yield: str = "100 %",
    transport: str = "0 h",
) -> dict[str, Any]:
    """Activity at the end of irradiation, after cooling, after processing and at the hospital.

    Parameters
    ----------
    nuclide : str
    saturation : str                    Activity after endless irradiation: yield by current, as "400 GBq".
    irradiation, cooling, processing, transport : str    Times, as "2 h".
    chemical_yield : str                Share that processing keeps, decay apart: "60 %".
    """
    batch = Batch(
        nuclide=load_nuclide(nuclide).name,
        saturation=quantity(saturation, "activity", name="--saturation"),
        irradiation=quantity(irradiation, "time", name="--irradiation"),
        cooling=quantity(cooling, "time", name="--cooling"),
        processing=quantity(processing, "time", name="--processing"),
        chemical_yield=quantity(chemical_yield, "fraction", name="--yield"),
        transport=quantity(transport, "time", name="--transport"),
    )
    found = produced(batch)
    return {
        "nuclide": batch.nuclide,
        "saturation_MBq": batch.saturation / un.MBq,
        "share_of_saturation": found.end_of_irradiation / batch.saturation,
        "end_of_irradiation_MBq": found.end_of_irradiation / un.MBq,
        "after_cooling_MBq": found.after_cooling / un.MBq,
        "after_processing_MBq": found.after_processing / un.MBq,
        "delivered_MBq": found.delivered / un.MBq,
        "source": SOURCE,
    }
