"""Numbers as people read them: digits that the uncertainty carries, and no more."""

import math

MISSING = "–"
MINUS = "\N{MINUS SIGN}"


def significant(x: float | None, digits: int = 3) -> str:
    """``x`` with so many significant digits; a dash where it is not known."""
    if x is None or not math.isfinite(x):
        return MISSING
    x = float(f"{x:.{digits - 1}e}")
    if x == 0:
        return "0"
    exponent = math.floor(math.log10(abs(x)))
    if -4 <= exponent < 6:
        text = f"{x:.{max(0, digits - 1 - exponent)}f}"
    else:
        mantissa, power = f"{x:.{digits - 1}e}".split("e")
        text = f"{mantissa}e{int(power)}"
    return text.replace("-", MINUS)


def with_u(value: float, u: float | None) -> tuple[str, str]:
    """``value`` and "± u": u with two significant digits, the value to the same decimal.

    Very small and very large values have a power of ten, with as many digits.  Without u, or with u = 0, the
    value has three or four significant digits.
    """
    if u is None:
        return significant(value, 3), "no u"
    if u == 0 or not math.isfinite(u):
        return significant(value, 4), "± 0"
    u = float(f"{u:.1e}")
    place = 1 - math.floor(math.log10(u))
    decimals = max(0, place)
    value = round(value, min(place, decimals))
    if value != 0 and (decimals > 6 or abs(value) >= 1e6):
        digits = math.floor(math.log10(abs(value))) + place + 1
        return significant(value, max(1, digits)), f"± {significant(u, 2)}"
    return f"{value:.{decimals}f}".replace("-", MINUS), f"± {u:.{decimals}f}"


def fixed(x: float | None, decimals: int) -> str:
    """``x`` with so many decimals; a dash where it is not known."""
    if x is None or not math.isfinite(x):
        return MISSING
    text = f"{x:.{decimals}f}"
    return f"{0:.{decimals}f}" if float(text) == 0 else text.replace("-", MINUS)


def signed(x: float | None, decimals: int = 1) -> str:
    """``x`` with its sign and so many decimals; a dash where it is not known."""
    text = fixed(x, decimals)
    return text if text == MISSING or text.startswith(MINUS) else f"+{text}"


def percent(fraction: float | None) -> str:
    """A fraction as a percentage with two significant digits, at most two decimals."""
    if fraction is None or not math.isfinite(fraction):
        return MISSING
    value = 100 * fraction
    decimals = 0 if abs(value) >= 9.95 else 1 if abs(value) >= 0.995 else 2
    return f"{fixed(value, decimals)} %"
