"""Rows of the DICOM templates that dose reports are checked against, and the policy of the exposure record's alerts."""

from pathlib import Path

from certify import write_table

ROOT = Path(__file__).resolve().parents[2] / "src" / "hevesy"
HEAD = "template,row,level,relation,kind,concept,least,most,need,condition,units,source,page,edition,valid_from,valid_until,how"

# template: (source page, edition, how); rows: row, level, relation, kind, concept, least, most, need, condition, units.
# most 0: without limit. need: M, MC, U, UC. A condition names a rule in dicom/report_templates.py.
SOURCES = {
    "10021": ("TID 10021", "2024e", "read"),
    "10022": ("TID 10022", "2024d", "read"),
    "10023": ("TID 10023", "2024e", "read"),
    "10024": ("TID 10024", "2024e", "secondary"),
    "1020": ("TID 1020", "2024e", "recalled"),
    "1204": ("TID 1204", "2024e", "recalled"),
    "1002": ("TID 1002", "2024e", "recalled"),
    "10030": ("TID 10030", "2024e", "read"),
    "10031": ("TID 10031", "2024e", "recalled"),
    "10033": ("TID 10033", "2024d", "read"),
}
C, M, P, O = "CONTAINS", "HAS CONCEPT MOD", "HAS PROPERTIES", "HAS OBS CONTEXT"
ROWS = {
    "10021": [
        ("1", 0, "", "CONTAINER", "DCM:113500", 1, 1, "M", "", ""),
        ("1b", 1, M, "INCLUDE", "1204", 0, 1, "U", "", ""),
        ("2", 1, M, "CODE", "SCT:363589002", 1, 1, "M", "", ""),
        ("3", 2, M, "CODE", "SCT:363703001", 1, 1, "M", "", ""),
        ("4", 1, C, "INCLUDE", "10022", 1, 1, "M", "", ""),
        ("5", 1, C, "INCLUDE", "10024", 0, 1, "U", "", ""),
        ("6", 1, C, "TEXT", "DCM:121106", 0, 1, "U", "", ""),
    ],
    "10022": [
        ("1", 0, "", "CONTAINER", "DCM:113502", 1, 1, "M", "", ""),
        ("2", 1, C, "CODE", "SCT:349358000", 1, 1, "M", "", ""),
        ("3", 2, P, "CODE", "SCT:89457008", 1, 1, "M", "", ""),
        ("4", 2, P, "NUM", "SCT:304283002", 1, 1, "M", "", "s"),
        ("5", 1, C, "NUM", "DCM:123007", 0, 1, "U", "", "Bq/mmol"),
        ("6", 1, C, "UIDREF", "DCM:113503", 1, 1, "M", "", ""),
        ("7", 1, C, "CODE", "DCM:113505", 0, 0, "U", "", ""),
        ("8", 1, C, "NUM", "DCM:113506", 0, 1, "U", "", "%"),
        ("9", 1, C, "DATETIME", "DCM:123003", 1, 1, "M", "", ""),
        ("10", 1, C, "DATETIME", "DCM:123004", 0, 1, "U", "", ""),
        ("11", 1, C, "NUM", "DCM:113507", 1, 1, "M", "", "MBq"),
        ("12", 1, C, "NUM", "DCM:123005", 0, 1, "U", "", "cm3"),
        ("13", 1, C, "NUM", "DCM:113508", 0, 1, "U", "", "MBq"),
        ("17", 1, C, "NUM", "DCM:113509", 0, 1, "U", "", "MBq"),
        ("organ doses", 1, C, "INCLUDE", "10023", 0, 0, "U", "", ""),
        ("20", 1, C, "CODE", "SCT:410675002", 1, 1, "M", "", ""),
        ("site", 2, P, "CODE", "SCT:272737002", 1, 1, "MC", "route is IV or IM", ""),
        ("person", 1, O, "INCLUDE", "1020", 1, 0, "M", "", ""),
    ],
    "10023": [
        ("1", 0, "", "CONTAINER", "DCM:113517", 1, 1, "M", "", ""),
        ("2", 1, M, "CODE", "SCT:363698007", 1, 1, "M", "", ""),
        ("3", 1, M, "CODE", "SCT:272741003", 0, 1, "MC", "", ""),
        ("4", 1, C, "NUM", "SCT:118538004", 0, 1, "U", "", "g"),
        ("5", 2, M, "TEXT", "SCT:370129005", 1, 1, "M", "", ""),
        ("6", 1, C, "NUM", "DCM:113518", 1, 1, "M", "", "mGy"),
        ("7", 2, P, "CODE", "DCM:121406", 1, 1, "MC", "code or text", ""),
        ("8", 2, P, "TEXT", "DCM:121406", 1, 1, "MC", "code or text", ""),
    ],
    "10024": [
        ("1", 0, "", "CONTAINER", "DCM:121118", 1, 1, "M", "", ""),
        ("age", 1, C, "NUM", "DCM:121033", 0, 1, "U", "", ""),
        ("sex", 1, C, "CODE", "DCM:121032", 0, 1, "U", "", ""),
        ("height", 1, C, "NUM", "LN:8302-2", 0, 1, "U", "", ""),
        ("weight", 1, C, "NUM", "LN:29463-7", 0, 1, "U", "", "kg"),
    ],
    "1020": [
        ("1", 0, "", "PNAME", "DCM:113870", 1, 1, "M", "", ""),
        ("2", 1, P, "CODE", "DCM:113875", 1, 1, "M", "", ""),
    ],
    "1204": [("1", 0, "", "CODE", "DCM:121049", 1, 1, "M", "", "")],
    "1002": [("1", 0, "", "CODE", "DCM:121005", 1, 1, "MC", "", "")],
    "10030": [
        ("1", 0, "", "CONTAINER", "DCM:128401", 1, 1, "M", "", ""),
        ("2", 1, M, "INCLUDE", "1204", 1, 1, "M", "", ""),
        ("3", 1, O, "INCLUDE", "1002", 1, 0, "M", "", ""),
        ("4", 1, C, "INCLUDE", "10031", 1, 1, "M", "", ""),
        ("5", 1, C, "TEXT", "DCM:121106", 0, 1, "U", "", ""),
    ],
    "10031": [
        ("estimate", 0, "", "CONTAINER", "DCM:128402", 1, 0, "M", "", ""),
        ("name", 1, C, "TEXT", "DCM:128403", 0, 1, "U", "", ""),
        ("organ", 1, C, "CODE", "SCT:363698007", 1, 1, "M", "", ""),
        ("laterality", 2, M, "CODE", "SCT:272741003", 0, 1, "MC", "", ""),
        ("mean dose", 1, C, "NUM", "DCM:128533", 0, 1, "MC", "", "mGy"),
        ("effective dose", 1, C, "NUM", "DCM:113839", 0, 1, "MC", "", "mSv"),
        ("mass", 1, C, "NUM", "SCT:118538004", 0, 1, "U", "", "g"),
        ("methodology", 1, C, "INCLUDE", "10033", 1, 0, "M", "", ""),
    ],
    "10033": [
        ("1", 0, "", "CONTAINER", "DCM:128415", 1, 1, "M", "", ""),
        ("2", 1, C, "COMPOSITE", "DCM:128416", 1, 0, "M", "", ""),
        ("5", 1, C, "CONTAINER", "DCM:128500", 1, 1, "M", "", ""),
        ("6", 2, C, "CODE", "DCM:128417", 1, 1, "M", "", ""),
        ("7", 2, C, "CODE", "DCM:128420", 1, 1, "M", "", ""),
        ("11", 2, C, "TEXT", "DCM:128426", 0, 1, "U", "", ""),
        ("13", 2, C, "CONTAINER", "DCM:128427", 1, 1, "M", "", ""),
        ("16", 3, C, "CODE", "DCM:128437", 0, 1, "MC", "", ""),
    ],
}  # fmt: skip

CUMULATIVE = (
    "Brambilla M et al. Optimisation of protection in the medical exposure of recurrent adult patients due to computed "
    "tomography procedures: development of recurrent exposures reference levels. Eur Radiol 2024;34:4475-4483"
)
ALERTS = [
    "rule,quantity,threshold,window_d,say,source,page,edition,valid_from,valid_until,how",
    "cumulative-100,effective_dose_mSv,100,1096,"
    '"Cumulative effective dose of one weight set reached 100 mSv within three years: a prompt to look at justification and '
    'optimisation, not a limit.",'
    f'"{CUMULATIVE}",abstract,2024,2024-01-01,,read',
    "repeat-7-days,same_radiopharmaceutical_d,7,7,"
    '"The same radiopharmaceutical was given again within seven days: was the earlier one asked for?",'
    '"Directive 2013/59/Euratom: earlier diagnostic information is to be sought before an exposure; the seven days are a choice '
    'of this policy","art. 55(2)(d)",2013,2014-02-06,,derived',
    "ctdi-1000,ctdi_vol_mGy,1000,0,"
    '"CTDIvol of one event reached the alert value that scanners are shipped with.",'
    '"NEMA XR 25, CT Dose Check",,2010,2010-10-01,,recalled',
]


def main() -> None:
    lines = [HEAD]
    for template, rows in ROWS.items():
        page, edition, how = SOURCES[template]
        for row in rows:
            told = [template, *(str(cell) for cell in row), "DICOM PS3.16", page, edition, "", "", how]
            lines.append(",".join(told))
    write_table(
        ROOT / "dicom" / "data",
        "report_templates",
        "\n".join(lines) + "\n",
        {
            "title": "Rows of the templates of radiopharmaceutical and patient radiation dose reports",
            "source": "DICOM PS3.16, Content Mapping Resource",
            "edition": "2024d and 2024e, as each row says",
            "licence": "facts; structure of a published standard",
        },
        made_by=Path(__file__).name,
    )
    write_table(
        ROOT / "protection" / "data",
        "exposure_alerts",
        "\n".join(ALERTS) + "\n",
        {
            "title": "When the exposure record of a patient raises an alert",
            "source": "as each row says",
            "edition": "1",
            "licence": "facts",
        },
        made_by=Path(__file__).name,
    )


if __name__ == "__main__":
    main()
