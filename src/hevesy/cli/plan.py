"""`hevesy plan`: activity from limits and goals, or by a recipe."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals
from hevesy.errors import InputError

Source = Annotated[
    Path | None,
    typer.Argument(metavar="RESULT.json|CASE.toml", help="Result of hevesy dose, or the case of a recipe."),
]
Limits = Annotated[
    Path | None, typer.Option("--limits", metavar="LIMITS.toml", help=r'Tables \[limits.Kidney] with limit = "23 Gy".')
]
Exceed = Annotated[str, typer.Option("--exceed", metavar="P", help='Chance to exceed a limit, "5 %", for all.')]
Cycles = Annotated[int, typer.Option("--cycles", metavar="N", help="Cycles to come.")]
Adapted = Annotated[bool, typer.Option("--adapted", help="Each cycle is planned again from what was measured.")]
Earlier = Annotated[
    list[Path] | None,
    typer.Option("--earlier", metavar="RESULT.json", help="Result of a delivered cycle. Again for more."),
]
Goal = Annotated[
    list[str] | None, typer.Option("--goal", metavar="REGION=DOSE", help='"Lesion 1=100 Gy" over the course. Again for more.')
]
Reach = Annotated[str, typer.Option("--reach", metavar="P", help='Chance to reach a goal; "90 %" if left out.')]
Most = Annotated[str, typer.Option("--max", metavar="A", help='Never more by cycle: "7.4 GBq".')]
Interval = Annotated[
    str, typer.Option("--interval", metavar="T", help='Least time between cycles, "4 weeks"; the curves decide if left out.')
]
Tissues = Annotated[
    Path | None, typer.Option("--tissues", metavar="TISSUES.toml", help="Tissues of your own, as for hevesy biology.")
]
Change = Annotated[
    list[str] | None,
    typer.Option("--change", metavar="P", help='Change of dose by activity from cycle to cycle: "10 %" or "Liver=10 %".'),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write plan.json and plan.png.")]
Recipes = Annotated[bool, typer.Option("--recipes", help="List the recipes and stop.")]
Example = Annotated[str, typer.Option("--example", metavar="RECIPE", help="Print a case file of a recipe and stop.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]


def plan(  # noqa: PLR0913  (its arguments are the options)
    source: Source = None,
    limits: Limits = None,
    exceed: Exceed = "",
    cycles: Cycles = 1,
    adapted: Adapted = False,
    earlier: Earlier = None,
    goal: Goal = None,
    reach: Reach = "",
    most: Most = "",
    interval: Interval = "",
    tissues: Tissues = None,
    change: Change = None,
    output: Output = None,
    recipes: Recipes = False,
    example: Example = "",
    as_json: AsJson = False,
) -> None:
    """Find the activity that keeps limits with a chosen probability, or that a recipe gives."""
    options: dict[str, Any] = {
        "limits": limits,
        "exceed": exceed,
        "cycles": cycles,
        "adapted": adapted,
        "earlier": tuple(earlier or ()),
        "goals": tuple(goal or ()),
        "reach": reach,
        "most": most,
        "interval": interval,
        "tissues": tissues,
        "change": tuple(change or ()),
    }
    with refusals():
        if recipes or example:
            _list_or_example(example, as_json=as_json)
            return
        if source is None:
            raise InputError("nothing to plan: give a result.json of hevesy dose, or a CASE.toml of a recipe (see --recipes).")
        if source.suffix.lower() == ".toml":
            _only_a_case(source, options | {"output": output})
            _recipe(source, as_json=as_json)
            return
        from hevesy.app.plan import PlanAsked, plan_result

        facts = plan_result(source, PlanAsked(**options), out=output)
        if as_json:
            print_json(facts)
        else:
            _show(facts, output)


def _only_a_case(source: Path, options: dict[str, Any]) -> None:
    given = {name: value for name, value in options.items() if value not in (None, "", (), False)}
    used = [name for name, value in given.items() if (name, value) != ("cycles", 1)]
    if used:
        raise InputError(
            f"{source.name} is the case of a recipe, which holds all it needs; {', '.join(used)} has no meaning there. "
            "Leave it out."
        )


def _list_or_example(name: str, *, as_json: bool) -> None:
    from hevesy.app.recipe import example, names

    if name:
        text = example(name)
        typer.echo(text.rstrip("\n"))
    elif as_json:
        print_json({"recipes": list(names())})
    else:
        typer.echo("\n".join(names()))


def _recipe(source: Path, *, as_json: bool) -> None:
    from hevesy.app.recipe import as_dict, lines, run

    outcome = run(source)
    if as_json:
        print_json(as_dict(outcome))
    else:
        typer.echo("\n".join(lines(outcome)))


def _show(facts: dict[str, Any], output: Path | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    if facts.get("synthetic"):
        console.print("[bold red]Virtual patient: these numbers are of nobody.[/bold red]")
    console.print(f"[bold]{escape(facts['title'])}: {_headline(facts)}[/bold]")
    if facts["cycles"] > 1 or facts["course"] == "adapted":
        for i, one in enumerate(facts["activities_MBq"], start=1):
            if facts["course"] == "adapted" and i > 1:
                low, high = one["interval_95"]
                console.print(f"  cycle {i} to come: about {_GBq(one['median'])}, 95 % {_GBq(low)} to {_GBq(high)}")
        console.print(f"  in all {_GBq(facts['total_activity_MBq'])} over {facts['cycles']} cycles to come")
    rows = Table("region", "Gy/GBq", "dose / Gy", "95 %", "limit", "P(exceed)", "GBq alone", box=None, pad_edge=False)
    rows.columns[0].overflow = "fold"
    for column in rows.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for name, region in facts["regions"].items():
        low, high = region["dose_95_Gy"]
        shared = [
            escape(name),
            f"{region['dose_per_activity_Gy_per_GBq']:.3g}",
            measured(region["dose_Gy"], region["u_dose_Gy"]),
            f"{low:.3g}-{high:.3g}",
        ]
        for i, limit in enumerate(region.get("limits") or [None]):
            start = shared if i == 0 else ["", "", "", ""]
            rows.add_row(*start, *(_limit(limit) if limit else ["", "", ""]))
            if limit and limit["limit_quantity"] != "dose":
                low, high = limit["value_95_Gy"]
                said = f"  {limit['limit_quantity']}"
                rows.add_row(escape(said), "", f"{limit['value_Gy']:.3g}", f"{low:.3g}-{high:.3g}", "", "", "")
    console.print(rows)
    if facts["probability_to_exceed_any_limit"] is not None:
        console.print(f"chance that any limit is exceeded: {_percent(facts['probability_to_exceed_any_limit'])}")
    for goal in facts["goals"]:
        console.print(_goal_line(goal))
    for warning in facts["warnings"]:
        console.print(f"[yellow]warning[/yellow] {escape(warning)}")
    for assumption in facts["assumptions"]:
        console.print(f"[dim]assumed: {escape(assumption)}[/dim]")
    if output is not None:
        console.print(
            f"[dim]written: {escape(str(output / 'plan.json'))}, {escape(str(output / 'plan.png'))}[/dim]", soft_wrap=True
        )


def _headline(facts: dict[str, Any]) -> str:
    from rich.markup import escape

    activity = _GBq(facts["activity_MBq"])
    which = "the next cycle" if facts["course"] == "adapted" or facts["cycles"] == 1 else f"each of {facts['cycles']} cycles"
    why = f", decided by {escape(facts['limiting'])}" if facts["limiting"] else ", by the goal"
    return f"{activity} in {which}{why}"


def _limit(limit: dict[str, Any]) -> list[str]:
    chance = limit["probability_to_exceed"]
    over = chance > limit["probability_allowed"]
    return [
        f"{limit['limit_quantity']} {limit['limit_Gy']:g}",
        f"[bold red]{_percent(chance)}[/bold red]" if over else _percent(chance),
        f"{limit['largest_activity_MBq'] / 1000:.2f}",
    ]


def _goal_line(goal: dict[str, Any]) -> str:
    from rich.markup import escape

    text = f"goal {escape(goal['region'])} {goal['goal_Gy']:g} Gy, reached with {100 * goal['probability_to_reach']:g} %: "
    text += f"{_GBq(goal['activity_MBq'])} a cycle"
    if goal["probability_reached_with_plan"] is not None:
        text += f"; this plan reaches it with {_percent(goal['probability_reached_with_plan'])}"
    over = ", ".join(f"{escape(name)} {_percent(p)}" for name, p in goal["probability_to_exceed"].items())
    return text + (f"\n  with that activity limits are exceeded with: {over}" if over else "")


def _GBq(value: float) -> str:
    return f"{value / 1000:.2f} GBq" if value >= 1000 else f"{value:.3g} MBq"


def _percent(p: float) -> str:
    return "< 0.01 %" if 0 <= p < 1e-4 else f"{100 * p:.2g} %" if p < 0.995 else "> 99 %"
