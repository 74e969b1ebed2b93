"""Rows of Markdown tables."""


def row(cells):
    """One row; what would end a cell is escaped."""
    return "| " + " | ".join(str(cell).replace("|", r"\|").replace("\n", " ") for cell in cells) + " |"
