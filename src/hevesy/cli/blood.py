"""`hevesy blood`: blood samples and whole-body probe."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy import units as u
from hevesy.cli.console import measured, out, print_json, refusals

ML_PER_L = 1000.0


def blood(  # noqa: PLR0913  (its arguments are the options)
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE.csv", help="time_h with whole_body_counts or whole_body_percent, blood_Bq_per_ml and others."
        ),
    ],
    nuclide: Annotated[str, typer.Option("--nuclide", help="For example I-131.")],
    administered: Annotated[float, typer.Option("--administered", metavar="MBQ", help="Administered activity.")],
    weight: Annotated[float | None, typer.Option("--weight", metavar="KG", help="For the dose to the blood.")] = None,
    height: Annotated[float | None, typer.Option("--height", metavar="CM", help="For the volume of blood, with --sex.")] = None,
    sex: Annotated[str | None, typer.Option("--sex", metavar="SEX", help="male or female.")] = None,
    volume: Annotated[float | None, typer.Option("--blood-volume", metavar="L", help="The volume itself.")] = None,
    haematocrit: Annotated[
        float | None, typer.Option("--haematocrit", metavar="0.40", help="For the dose to red marrow from blood.")
    ] = None,
    ratio: Annotated[
        float | None, typer.Option("--marrow-to-blood", metavar="RATIO", help="Concentrations, instead of the haematocrit.")
    ] = None,
    marrow_mass: Annotated[
        float | None, typer.Option("--marrow-mass", metavar="G", help="Red marrow in the region of the column marrow_MBq.")
    ] = None,
    u_position: Annotated[
        float, typer.Option("--u-position", metavar="PERCENT", help="Standard uncertainty of a probe reading by positioning.")
    ] = 0.0,
    model: Annotated[str, typer.Option("--model", metavar="NAME", help="auto, mono, bi or uptake, for every curve.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Kinetics of blood and whole body; dose to the blood (I-131, EANM) and to the red marrow."""
    with refusals():
        from hevesy.app.blood import Person
        from hevesy.app.blood import blood as compute

        person = Person(
            weight=weight,
            height=None if height is None else height * u.cm,
            sex=sex,
            volume=None if volume is None else volume * ML_PER_L,
            haematocrit=haematocrit,
            ratio=ratio,
            marrow_mass=None if marrow_mass is None else marrow_mass * u.g,
        )
        facts = compute(
            table,
            nuclide=nuclide,
            administered_activity=administered * u.MBq,
            person=person,
            model=model,
            u_position=u_position / 100,
        )
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    table = Table("", "model", "T_eff / h", "TIAC", "after last", box=None, pad_edge=False)
    for column in table.columns[2:]:
        column.justify = "right"
        column.no_wrap = True
    for name, key, unit in (("whole body", "tiac_h", "h"), ("blood", "tiac_per_l_h_per_l", "h/l")):
        row = facts[name.replace(" ", "_")]
        if row is not None:
            half_life = measured(row["effective_half_life_h"], row["u_effective_half_life_h"])
            tiac = f"{measured(row[key], row[f'u_{key}'])} {unit}"
            mark = "" if row["well_posed"] else " [bold red]ill-posed[/bold red]"
            table.add_row(name, row["model"] + mark, half_life, tiac, f"{100 * row['extrapolated_fraction']:.0f} %")
    console.print(table)
    dose = facts["blood_dose"]
    if dose is not None:
        console.print(f"dose to the blood    [bold]{measured(dose['Gy_per_GBq'], dose['u_Gy_per_GBq'])} Gy/GBq[/bold], EANM 2008")
        console.print(f"  of {facts['administered_MBq']:g} MBq: {measured(dose['dose_Gy'], dose['u_dose_Gy'])} Gy")
        console.print(f"  2 Gy at {measured(dose['activity_for_2_Gy_GBq'], dose['u_activity_for_2_Gy_GBq'])} GBq")
    for key, said in (("from_blood", "from blood"), ("from_image", "from image")):
        part = (facts["marrow"] or {}).get(key)
        if part is not None:
            per_activity = measured(part["Gy_per_GBq"], part["u_Gy_per_GBq"])
            console.print(f"dose to red marrow   {per_activity} Gy/GBq, {said} (self-dose)")
    warned = [(name, text) for name in ("whole_body", "blood") for text in (facts[name] or {}).get("warnings", [])]
    for name, text in warned:
        console.print(f"[yellow]warning[/yellow] {name.replace('_', ' ')}: {escape(text)}")
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
