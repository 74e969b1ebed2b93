"""`hevesy protect release`: when a patient may leave, and what people near the patient keep to."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals


def release(  # noqa: PLR0913  (its arguments are the options)
    case: Annotated[
        Path | None, typer.Argument(metavar="CASE.toml", help="Patient, people, country; options go before it.")
    ] = None,
    nuclide: Annotated[str, typer.Option("--nuclide", help="For example I-131.")] = "",
    activity: Annotated[str, typer.Option("--activity", metavar="A", help='Administered: "3.7 GBq".')] = "",
    administered: Annotated[str, typer.Option("--administered", metavar="TIME", help="2026-01-05T10:30, local time.")] = "",
    measured_rates: Annotated[
        Path | None,
        typer.Option(
            "--measured", metavar="RATES.csv", help="Columns time_h, dose_rate_uSv_per_h, distance_m, perhaps u_uSv_per_h."
        ),
    ] = None,
    model: Annotated[str, typer.Option("--model", help="Of the fit: auto, mono or bi.")] = "",
    clearance: Annotated[str, typer.Option("--clearance", help='Of the table: "I-131 thyroid cancer".')] = "",
    country: Annotated[str, typer.Option("--country", help="US, DE, CH, JP, IT, AU, UK, IAEA; else European constraints.")] = "",
    law: Annotated[str, typer.Option("--law", help="Of distance: point, power-1.5 or line.")] = "",
    height: Annotated[str, typer.Option("--height", metavar="H", help='Of the line source: "1.7 m".')] = "",
    discharge: Annotated[str, typer.Option("--discharge", metavar="T", help='In hospital until: "48 h".')] = "",
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="Rules of that day; of the administration if left out.")] = "",
    language: Annotated[str, typer.Option("--language", help="Of the patient's page: en, de, fr or es.")] = "en",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write release.json, picture, instructions, certificate.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Say when a patient may leave, how long each person keeps away, and which rule decided."""
    options: dict[str, Any] = {
        "nuclide": nuclide,
        "activity": activity,
        "administered": administered,
        "measurements": measured_rates,
        "model": model,
        "clearance": clearance,
        "country": country,
        "law": law,
        "height": height,
        "discharge": discharge,
        "on": on,
    }
    with refusals():
        from hevesy.app.protect_release import protect_release

        facts = protect_release(case, options=options, language=language, out=output)
        if as_json:
            print_json(facts)
        else:
            _show(facts, output)


def _show(facts: dict[str, Any], output: Path | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    rate, leave = facts["dose_rate"], facts["release"]
    console.print(f"[bold]{_headline(facts)}[/bold]")
    console.print(
        f"dose rate then {measured(rate['at_release_1m_uSv_per_h'], rate['u_at_release_1m_uSv_per_h'])} uSv/h at 1 m, "
        f"{rate['at_release_2m_uSv_per_h']:.3g} at 2 m ({escape(facts['law'])}; {escape(rate['basis'])})"
    )
    rows = Table("person", "mSv free", "limit", "keep away until", "mSv then", "with 95 % until", box=None, pad_edge=False)
    rows.columns[0].overflow = "fold"
    for person in facts["persons"]:
        free = person["dose_unrestricted_mSv"]
        safe = person["restriction_95_until"]
        restricted = person["restriction_h"] > leave["leaves_after_h"]
        rows.add_row(
            escape(person["name"]),
            f"{free:.3g}",
            f"{person['constraint_mSv']:g}",
            person["restriction_until"].replace("T", " ") if restricted else "no restriction",
            measured(person["dose_mSv"], person["u_dose_mSv"]) if person["u_dose_mSv"] else f"{person['dose_mSv']:.3g}",
            "" if safe is None or safe == leave["leaves_at"] else safe.replace("T", " "),
        )
    console.print(rows)
    for rule in leave["rules"]:
        met = "not known" if rule["met_after_h"] is None else f"{rule['met_after_h']:.1f} h"
        console.print(f"[dim]rule: {escape(rule['text'])}: met after {met} ({escape(rule['source'])})[/dim]")
    groups: dict[str, list[str]] = {}
    for row in facts["published"]:
        most = f" (95 %: {row['days_95']})" if row["days_95"] else ""
        groups.setdefault(f"{row['therapy']}, {row['setting']} ({row['source']})", []).append(
            f"{row['what']} {row['days']}{most}"
        )
    for said, rows_of in groups.items():
        console.print(f"[dim]others, days: {escape(said)}: {escape('; '.join(rows_of))}[/dim]")
    for remark in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(remark)}")
    if output is not None:
        console.print(f"[dim]written to {escape(str(output))}: {', '.join(facts['files'])}[/dim]", soft_wrap=True)


def _headline(facts: dict[str, Any]) -> str:
    from rich.markup import escape

    leave = facts["release"]
    if leave["after_h"] is None:
        return f"{facts['nuclide']}: leaves {leave['leaves_at'].replace('T', ' ')} as stated; no country's rules applied"
    why = leave["decided_by"]
    decided = f"decided by: {escape(why['text'])}, {escape(why['source'])}" if why else "all rules are met at once"
    return (
        f"{facts['nuclide']}, {facts['country']}: may leave {leave['at'].replace('T', ' ')} ({leave['after_h']:.1f} h); {decided}"
    )
