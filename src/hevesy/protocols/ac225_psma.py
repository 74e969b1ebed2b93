"""Ac-225 PSMA: activity by body mass, average doses, and a patient's doses with daughters that leave."""

from collections.abc import Mapping

from hevesy import units as u
from hevesy.dose.marrow import checked_weight
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.alpha_dose import EnergyAtPlace, checked_rbe, energy_at_place
from hevesy.protocols.facts import fact
from hevesy.protocols.first_order import between, propagated

RECIPE = "ac225-psma"
NUCLIDE = "Ac-225"
CITATION = (
    "C. Kratochwil et al., Targeted alpha therapy of metastatic castration-resistant prostate cancer with 225Ac-PSMA-617: "
    "dosimetry estimate and empiric dose finding, J. Nucl. Med. 58 (2017) 1624"
)
COEFFICIENTS = (0.01 * u.h, 350 * u.h)  # s: to the mean life of Ac-225
MASSES = (1e-5, 100.0)  # kg: from a lesion to the body
LARGEST = 0.999  # of an uncertain share: above, it cannot be varied both ways
REGIONS = ("Salivary glands", "Kidneys", "Red marrow")


def injection_activity(*, mass: Measured) -> Measured:
    """Activity of one administration, 100 kBq/kg [Bq]; mass [kg]."""
    checked_weight(mass.value)
    per_mass = fact(RECIPE, "activity by mass").value
    return propagated(lambda x: per_mass * x["mass"], {"mass": mass})


def average_doses() -> dict[str, tuple[Measured, Measured]]:
    """Average (unweighted, weighted) dose per activity by region [Gy/Bq].

        D = D_RBE / w,   w = (5 E_alpha + E_electron) / (E_alpha + E_electron)

    The source gives doses weighted by RBE 5 alone; unweighted ones are taken back with the energies of the whole chain, as
    its authors took every daughter to decay where Ac-225 does. Photons are neglected.
    """
    rbe = fact(RECIPE, "RBE of the coefficients").value
    weight = energy_at_place(NUCLIDE, {}).weighting(rbe)
    found = {}
    for region in REGIONS:
        weighted = fact(RECIPE, region).measured
        plain = Measured(value=weighted.value / weight, u=None, why_no_u=weighted.why_no_u)
        found[region] = (plain, weighted)
    return found


def region_dose(
    *, tiac: Measured, mass: Measured, activity: Measured, retained: Mapping[str, Measured], rbe: float = 1.0
) -> tuple[Measured, EnergyAtPlace]:
    """Self-dose of a region of this patient [Gy], unweighted where the RBE is 1, and the energy per decay that stays.

        D = A a_tilde (RBE E_alpha + E_electron) / M

    Parameters
    ----------
    tiac : Measured                     a_tilde, time-integrated activity coefficient of Ac-225 [s].
    mass : Measured                     M [kg].
    activity : Measured                 A, administered [Bq].
    retained : mapping of Measured      Share of Fr-221 and Bi-213 that stays where it is formed [1].
    rbe : float                         Of alpha particles and recoil nuclei; electrons count as 1 [1].

    Neglected: daughters that come from elsewhere, as Bi-213 to the kidneys; dose that is not alike within the region, which
    for alpha particles may decide. Reference: energies of ICRP 107.
    """
    between(tiac.value, COEFFICIENTS, "time-integrated activity coefficient", "h", u.h)
    between(mass.value, MASSES, "mass of the region", "g", u.g)
    checked_rbe(rbe)
    energy = energy_at_place(NUCLIDE, {name: each.value for name, each in retained.items()})
    for name, each in retained.items():
        if each.u and each.value > LARGEST:
            raise InputError(f"retained share of {name} is {100 * each.value:g} % with an uncertainty; say 95 ± 5 %, or 100 %.")

    def dose(x: Mapping[str, float]) -> float:
        here = energy_at_place(NUCLIDE, {name: x[name] for name in retained})
        per_decay = (rbe * here.alpha + here.electron) * u.JOULE_PER_MEV
        return x["activity"] * x["coefficient"] * per_decay / x["mass"]

    inputs = {"coefficient": tiac, "mass": mass, "activity": activity, **retained}
    return propagated(dose, inputs), energy
