"""`hevesy protect`: the group of commands for patients, staff, carers and the public."""

import typer

from hevesy.cli.protect_activity import activity
from hevesy.cli.protect_breastfeeding import breastfeeding
from hevesy.cli.protect_checklist import checklist
from hevesy.cli.protect_drl import drl
from hevesy.cli.protect_effective_dose import effective_dose
from hevesy.cli.protect_pregnancy import pregnancy
from hevesy.cli.protect_record import record
from hevesy.cli.protect_release import release
from hevesy.cli.protect_report import report
from hevesy.cli.protect_shielding import shielding
from hevesy.cli.protect_staff import staff
from hevesy.cli.protect_waste import waste

protect = typer.Typer(help="Patients, staff, carers and the public: from cited and dated tables.", no_args_is_help=True)
protect.command("activity")(activity)
protect.command("effective-dose")(effective_dose)
protect.command("drl")(drl)
protect.command("pregnancy")(pregnancy)
protect.command("breastfeeding")(breastfeeding)
protect.command("record")(record)
protect.command("report")(report)
protect.command("release")(release)
protect.command("staff")(staff)
protect.command("shielding")(shielding)
protect.command("waste")(waste)
protect.command("checklist")(checklist)
